package dev.quipforge.inference.serving;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.generation.Generator;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.Tokenizer;
import dev.quipforge.llm.transformer.Decoder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place of one model in memory. Its users are counted by {@link LoadedModels}, under the lock of that. */
final class Slot implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);

    private final String model;
    private @Nullable Content content;
    int users;
    long bytes;

    Slot(String model) {
        this.model = model;
    }

    /**
     * Loads the model unless it is; who comes while another loads it waits.
     *
     * @param room asked for the bytes of the weights before they are loaded; throws when there is none
     */
    synchronized Generator load(ArtifactCache cache, ComputeBackend backend, LongConsumer room) {
        Content loaded = content;
        if (loaded == null) {
            loaded = Content.load(model, cache, backend, room);
            content = loaded;
        }
        return loaded.generator();
    }

    @Override
    public synchronized void close() {
        if (content != null) {
            content.close();
            content = null;
            LOG.info("unloaded: model={}", model);
        }
    }

    /** Everything that a loaded model holds. */
    private record Content(CachedDirectory files, ModelDirectory directory, Decoder llama, Generator generator)
            implements AutoCloseable {

        static Content load(String model, ArtifactCache cache, ComputeBackend backend, LongConsumer room) {
            CachedDirectory files = cache.open(model);
            try (CloseOnFailure opened = new CloseOnFailure(files::close)) {
                Content content = load(files, ModelDirectory.open(files.path()), backend, room);
                LOG.info("loaded: model={} parameters={}", model, content.directory.parameters());
                return opened.keep(content);
            }
        }

        private static Content load(
                CachedDirectory files, ModelDirectory directory, ComputeBackend backend, LongConsumer room) {
            try (CloseOnFailure opened = new CloseOnFailure(directory::close)) {
                room.accept(Float.BYTES * directory.parameters());
                Tokenizer tokenizer = directory.tokenizer();
                Decoder llama = Decoder.load(backend, directory, Progress.NONE);
                return opened.keep(new Content(files, directory, llama, new Generator(llama, tokenizer)));
            }
        }

        @Override
        public void close() {
            llama.close();
            directory.close();
            files.close();
        }
    }
}
