package dev.quipforge.llm.testing;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.serving.Engine;
import dev.quipforge.llm.serving.EngineSettings;
import dev.quipforge.llm.serving.EngineStatus;
import dev.quipforge.llm.serving.Sequence;
import dev.quipforge.llm.serving.SequenceEnd;
import dev.quipforge.llm.serving.SequenceListener;
import dev.quipforge.llm.transformer.ServedDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An engine whose texts a test waits for. */
public final class ServedTexts implements AutoCloseable {

    private final Engine engine;

    private ServedTexts(Engine engine) {
        this.engine = engine;
    }

    /** Serves a model. */
    public static ServedTexts of(ComputeBackend backend, Path model, EngineSettings settings) {
        try (ModelDirectory opened = ModelDirectory.open(model)) {
            return new ServedTexts(Engine.start(ServedDecoder.load(backend, opened, Progress.NONE), settings));
        }
    }

    /** Eight texts at once, in so many pages of four positions. */
    public static EngineSettings settings(int pages) {
        return new EngineSettings(8, 24, 64, pages, 4, Math.min(128, 4 * pages));
    }

    /** The engine. */
    public Engine engine() {
        return engine;
    }

    /** Has a text continued. */
    public Text submit(int[] prompt, Sampling sampling) {
        return submitAndCancel(prompt, sampling, Integer.MAX_VALUE);
    }

    /** Has a text continued that ends after {@code tokens} tokens. */
    public Text submitAndCancel(int[] prompt, Sampling sampling, int tokens) {
        Heard heard = new Heard(tokens);
        return new Text(engine.submit(prompt, sampling, heard), heard);
    }

    /** What the engine does once it is idle. */
    public EngineStatus idleStatus() {
        for (int i = 0; i < 1000; i++) {
            EngineStatus status = engine.currentStatus();
            if (status.running() + status.waiting() == 0) {
                return status;
            }
            pause();
        }
        throw new IllegalStateException("engine: still at work");
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(10);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        engine.close();
    }

    /** What the engine said of a text. */
    private static final class Heard implements SequenceListener {

        private final int cancelAfter;
        private final List<Integer> tokens = new ArrayList<>();
        private final CompletableFuture<SequenceEnd> end = new CompletableFuture<>();

        private Heard(int cancelAfter) {
            this.cancelAfter = cancelAfter;
        }

        @Override
        public boolean token(int token) {
            tokens.add(token);
            return tokens.size() < cancelAfter;
        }

        @Override
        public void ended(SequenceEnd last) {
            end.complete(last);
        }
    }

    /** A text that is being continued. */
    public static final class Text {

        private final Sequence sequence;
        private final Heard heard;

        private Text(Sequence sequence, Heard heard) {
            this.sequence = sequence;
            this.heard = heard;
        }

        /** Cancels it. */
        public void cancel() {
            sequence.cancel();
        }

        /** How it ended; waits for that. */
        public SequenceEnd end() {
            return heard.end.orTimeout(2, TimeUnit.MINUTES).join();
        }

        /** The tokens; waits for the last. */
        public int[] tokens() {
            SequenceEnd last = end();
            if (last.failure() != null) {
                throw new IllegalStateException("the engine failed", last.failure());
            }
            return heard.tokens.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
