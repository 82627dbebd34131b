package dev.quipforge.inference.openai;

import dev.quipforge.inference.openai.Completion.Choice;
import dev.quipforge.inference.openai.Completion.Usage;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.generation.Generation;
import dev.quipforge.llm.generation.Generator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One completion as server-sent events: {@code data: {…}} for each piece, {@code data: [DONE]} at its end. */
final class CompletionStream {

    private final OutputStream output;
    private final CompletionRequest request;
    private final String id;
    private final long created;

    CompletionStream(OutputStream output, CompletionRequest request, String id, long created) {
        this.output = output;
        this.request = request;
        this.id = id;
        this.created = created;
    }

    /** Generates and writes. A client that is gone ends the generation. */
    void write(Generator generator) throws IOException {
        try {
            Generation generation = generator.generate(request.prompt(), request.sampling(), this::piece);
            send(Completion.of(id, created, request.model(), List.of(Choice.last("", generation.end())), null));
            if (request.usageInStream()) {
                send(Completion.of(id, created, request.model(), List.of(), Usage.of(generation)));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (InvalidModelException e) {
            send(ErrorBody.of("invalid_request_error", e.place(), null, String.valueOf(e.getMessage())));
        }
        line("[DONE]");
    }

    private void piece(String text) {
        try {
            send(Completion.of(id, created, request.model(), List.of(Choice.piece(text)), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(Object event) throws IOException {
        line(ContractsJson.mapper().writeValueAsString(event));
    }

    private void line(String data) throws IOException {
        output.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        output.flush();
    }
}
