package dev.quipforge.llm.generation;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.serving.Engine;
import dev.quipforge.llm.serving.Sequence;
import dev.quipforge.llm.serving.SequenceEnd;
import dev.quipforge.llm.serving.SequenceListener;
import dev.quipforge.llm.tokenizer.Tokenizer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Continues texts with an engine. Several threads may use it. */
public final class Generator {

    private final Engine engine;
    private final Tokenizer tokenizer;

    /** Generates with {@code engine}, whose model's tokenizer this is; neither is closed here. */
    public Generator(Engine engine, Tokenizer tokenizer) {
        this.engine = engine;
        this.tokenizer = tokenizer;
    }

    /**
     * Continues {@code prompt}, behind the special tokens that the tokenizer puts before every text.
     *
     * @param prompt the text so far; where it is empty and nothing is put before it, it is the model's end-of-text token
     * @param sampling how
     * @param listener hears each piece of the text as soon as it is certain, on the calling thread; it may throw to stop the
     *     generation
     * @throws InvalidModelException when the prompt leaves no room in the engine's context
     */
    public Generation generate(String prompt, Sampling sampling, Consumer<String> listener) {
        int[] tokens = prompted(prompt);
        int context = engine.settings().context();
        if (tokens.length >= context) {
            throw new InvalidModelException(
                    "prompt", tokens.length + " tokens (expected: less than the context of " + context + ")");
        }
        return new Run(sampling.atMost(context - tokens.length), listener).generate(tokens);
    }

    private int[] prompted(String prompt) {
        int[] tokens = tokenizer.encodePrompt(prompt);
        if (tokens.length > 0) {
            return tokens;
        }
        if (engine.config().endTokens().isEmpty()) {
            throw new InvalidModelException("prompt", "empty (expected: a text; this model has no end-of-text token)");
        }
        return new int[] {engine.config().endTokens().getFirst()};
    }

    /**
     * What the engine says.
     *
     * @param token the next token; of no meaning at the end
     * @param end the end; null before
     */
    private record Event(int token, @Nullable SequenceEnd end) {}

    /** One generation: the engine's thread hands tokens over, the caller's makes text of them. */
    private final class Run implements SequenceListener {

        private final Sampling sampling;
        private final StopFilter filter;
        private final Consumer<String> listener;
        private final TextStream stream = new TextStream(tokenizer);
        private final StringBuilder text = new StringBuilder();
        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

        Run(Sampling sampling, Consumer<String> listener) {
            this.sampling = sampling;
            this.filter = new StopFilter(sampling.stop());
            this.listener = listener;
        }

        @Override
        public boolean token(int token) {
            events.add(new Event(token, null));
            return true;
        }

        @Override
        public void ended(SequenceEnd end) {
            events.add(new Event(-1, end));
        }

        Generation generate(int[] prompt) {
            Sequence sequence = engine.submit(prompt, sampling, this);
            try {
                return hear(prompt.length);
            } finally {
                sequence.cancel();
            }
        }

        private Generation hear(int promptTokens) {
            int count = 0;
            while (true) {
                Event event = next();
                if (event.end != null) {
                    return finished(promptTokens, count, event.end);
                }
                count++;
                if (!engine.config().endTokens().contains(event.token)) {
                    say(filter.add(stream.add(event.token)));
                }
                if (filter.stopped()) {
                    return new Generation(text.toString(), promptTokens, count, Generation.End.STOP);
                }
            }
        }

        private Event next() {
            try {
                return events.take();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new CancellationException("generation: interrupted");
            }
        }

        private Generation finished(int promptTokens, int count, SequenceEnd end) {
            say(filter.add(stream.rest()));
            say(filter.rest());
            return switch (end.reason()) {
                case STOP -> new Generation(text.toString(), promptTokens, count, Generation.End.STOP);
                case LENGTH -> new Generation(text.toString(), promptTokens, count, Generation.End.LENGTH);
                case CANCELLED -> throw new CancellationException("generation: cancelled");
                case FAILED -> throw new IllegalStateException("generation: the engine failed", end.failure());
            };
        }

        private void say(String piece) {
            if (!piece.isEmpty()) {
                text.append(piece);
                listener.accept(piece);
            }
        }
    }
}
