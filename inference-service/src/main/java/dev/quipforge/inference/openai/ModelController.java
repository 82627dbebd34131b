package dev.quipforge.inference.openai;

import dev.quipforge.inference.serving.ModelCatalog;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /v1/models}. */
@RestController
final class ModelController {

    private final ModelCatalog catalog;

    ModelController(ModelCatalog catalog) {
        this.catalog = catalog;
    }

    /** All models that can be asked, by the names that they are asked for by. */
    @GetMapping("/v1/models")
    ModelList models() {
        return new ModelList(
                "list",
                catalog.models().stream()
                        .map(id -> new Model(id, "model", 0, "quipforge"))
                        .toList());
    }

    /** The answer. */
    record ModelList(String object, List<Model> data) {}

    /**
     * A model.
     *
     * @param created always 0: a model is named by its content, and so has no date
     */
    record Model(String id, String object, long created, String owned_by) {}
}
