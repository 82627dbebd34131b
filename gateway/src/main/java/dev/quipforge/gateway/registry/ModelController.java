package dev.quipforge.gateway.registry;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Models over HTTP. */
@RestController
@Tag(name = "Models", description = "Imported originals and published checkpoints.")
class ModelController {

    private final Registry registry;

    ModelController(Registry registry) {
        this.registry = registry;
    }

    /** Lists the models. */
    @GetMapping(path = "/api/v1/models", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "List the models, newest first")
    ModelList list() {
        return new ModelList(registry.list());
    }

    /**
     * Models.
     *
     * @param models newest first
     */
    record ModelList(List<RegisteredModel> models) {

        ModelList {
            models = List.copyOf(models);
        }
    }
}
