package dev.quipforge.gateway.request;

import dev.quipforge.contracts.MethodCatalogue;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The methods over HTTP. */
@RestController
@Tag(name = "Methods", description = "What a recipe can ask for.")
class MethodController {

    /** Lists the methods with their codes and options. */
    @GetMapping(path = "/api/v1/methods", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "List the quantization methods with their codes and options")
    MethodCatalogue list() {
        return MethodCatalogue.standard();
    }
}
