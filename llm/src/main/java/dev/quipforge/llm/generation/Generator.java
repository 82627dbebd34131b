package dev.quipforge.llm.generation;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.tokenizer.Tokenizer;
import dev.quipforge.llm.transformer.Decoder;
import dev.quipforge.llm.transformer.KeyValueCache;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/** Continues texts with a model. Several threads may use it. */
public final class Generator {

    private final Decoder model;
    private final Tokenizer tokenizer;

    /** Generates with {@code model}, whose tokenizer this is; neither is closed here. */
    public Generator(Decoder model, Tokenizer tokenizer) {
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /**
     * Continues {@code prompt}, behind the special tokens that the tokenizer puts before every text.
     *
     * @param prompt the text so far; where it is empty and nothing is put before it, it is the model's end-of-text token
     * @param sampling how
     * @param listener hears each piece of the text as soon as it is certain; it may throw to stop the generation
     * @throws InvalidModelException when the prompt leaves no room in the model's context
     */
    public Generation generate(String prompt, Sampling sampling, Consumer<String> listener) {
        int[] tokens = prompted(prompt);
        int room = model.config().context() - tokens.length;
        if (room < 1) {
            throw new InvalidModelException(
                    "prompt",
                    tokens.length + " tokens (expected: less than the context of "
                            + model.config().context() + ")");
        }
        int most = Math.min(sampling.maxTokens(), room);
        try (KeyValueCache cache = new KeyValueCache(model.backend(), model.config(), tokens.length + most)) {
            return new Run(cache, sampling, listener).generate(tokens, most);
        }
    }

    private int[] prompted(String prompt) {
        int[] tokens = tokenizer.encodePrompt(prompt);
        if (tokens.length > 0) {
            return tokens;
        }
        if (model.config().endTokens().isEmpty()) {
            throw new InvalidModelException("prompt", "empty (expected: a text; this model has no end-of-text token)");
        }
        return new int[] {model.config().endTokens().getFirst()};
    }

    private float[] logitsAfter(KeyValueCache cache, int... tokens) {
        try (Workspace workspace = model.backend().workspace();
                Arena arena = Arena.ofConfined()) {
            Matrix logits = model.logits(workspace, model.advance(workspace, cache, tokens));
            HostMatrix host = HostMatrix.allocate(arena, 1, logits.columns());
            model.backend().download(logits, host);
            return host.data().toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /** One generation. */
    private final class Run {

        private final KeyValueCache cache;
        private final Sampler sampler;
        private final StopFilter filter;
        private final Consumer<String> listener;
        private final TextStream stream = new TextStream(tokenizer);
        private final StringBuilder text = new StringBuilder();

        Run(KeyValueCache cache, Sampling sampling, Consumer<String> listener) {
            this.cache = cache;
            this.sampler = new Sampler(sampling);
            this.filter = new StopFilter(sampling.stop());
            this.listener = listener;
        }

        Generation generate(int[] prompt, int most) {
            float[] logits = logitsAfter(cache, prompt);
            Generation.End end = Generation.End.LENGTH;
            int count = 0;
            while (count < most) {
                int token = sampler.next(logits);
                count++;
                if (model.config().endTokens().contains(token)) {
                    end = Generation.End.STOP;
                    break;
                }
                say(filter.add(stream.add(token)));
                if (filter.stopped()) {
                    end = Generation.End.STOP;
                    break;
                }
                if (count < most) {
                    logits = logitsAfter(cache, token);
                }
            }
            if (!filter.stopped()) {
                say(filter.add(stream.rest()));
                say(filter.rest());
            }
            return new Generation(text.toString(), prompt.length, count, end);
        }

        private void say(String piece) {
            if (!piece.isEmpty()) {
                text.append(piece);
                listener.accept(piece);
            }
        }
    }
}
