package dev.quipforge.inference.openai;

import dev.quipforge.inference.openai.Completion.Choice;
import dev.quipforge.inference.openai.Completion.Usage;
import dev.quipforge.inference.serving.LoadedModel;
import dev.quipforge.inference.serving.LoadedModels;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.llm.generation.Generation;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/completions}. */
@RestController
final class CompletionController {

    private final LoadedModels models;
    private final CompletionParser parser;
    private final Clock clock;

    CompletionController(LoadedModels models, CompletionParser parser, Clock clock) {
        this.models = models;
        this.parser = parser;
        this.clock = clock;
    }

    /** Continues a text, at once or piece by piece as server-sent events. */
    @PostMapping("/v1/completions")
    ResponseEntity<StreamingResponseBody> complete(@RequestBody JsonNode body) {
        CompletionRequest request = parser.parse(body);
        String id = "cmpl-" + UUID.randomUUID().toString().replace("-", "");
        long created = clock.instant().getEpochSecond();
        return request.stream() ? streamed(request, id, created) : whole(request, id, created);
    }

    private ResponseEntity<StreamingResponseBody> whole(CompletionRequest request, String id, long created) {
        try (LoadedModel model = models.acquire(request.model())) {
            Generation generation = model.generator().generate(request.prompt(), request.sampling(), piece -> {});
            Completion completion = Completion.of(
                    id,
                    created,
                    request.model(),
                    List.of(Choice.last(generation.text(), generation.end())),
                    Usage.of(generation));
            byte[] json = ContractsJson.mapper().writeValueAsBytes(completion);
            return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(output -> output.write(json));
        }
    }

    /** The model is taken before the answer starts, so that its absence is an error and not a broken stream. */
    private ResponseEntity<StreamingResponseBody> streamed(CompletionRequest request, String id, long created) {
        LoadedModel model = models.acquire(request.model());
        StreamingResponseBody pieces = output -> {
            try (model) {
                new CompletionStream(output, request, id, created).write(model.generator());
            }
        };
        return ResponseEntity.ok().contentType(MediaType.TEXT_EVENT_STREAM).body(pieces);
    }
}
