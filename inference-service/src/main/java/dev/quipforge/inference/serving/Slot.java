package dev.quipforge.inference.serving;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.generation.Generator;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.serving.Engine;
import dev.quipforge.llm.serving.EngineSettings;
import dev.quipforge.llm.tokenizer.Tokenizer;
import dev.quipforge.llm.transformer.ServedDecoder;
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
     * @param memory asked for the bytes of weights and cache before anything is loaded; throws when there is none
     */
    synchronized Generator load(ModelCatalog catalog, ComputeBackend backend, ServingMemory memory) {
        Content loaded = content;
        if (loaded == null) {
            loaded = Content.load(model, catalog, backend, memory);
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
    private record Content(ModelFiles files, ModelDirectory directory, Engine engine, Generator generator)
            implements AutoCloseable {

        static Content load(String model, ModelCatalog catalog, ComputeBackend backend, ServingMemory memory) {
            ModelFiles files = catalog.open(model);
            try (CloseOnFailure opened = new CloseOnFailure(files::close)) {
                Content content = load(files, ModelDirectory.open(files.path()), backend, memory);
                LOG.info("loaded: model={} parameters={}", model, content.directory.parameters());
                return opened.keep(content);
            }
        }

        private static Content load(
                ModelFiles files, ModelDirectory directory, ComputeBackend backend, ServingMemory memory) {
            try (CloseOnFailure opened = new CloseOnFailure(directory::close)) {
                EngineSettings settings = EngineSettings.of(directory.config(), memory.cacheBytes());
                memory.reserve(ServedDecoder.bytes(directory) + settings.cacheBytes(directory.config()));
                Tokenizer tokenizer = directory.tokenizer();
                Engine engine = Engine.start(ServedDecoder.load(backend, directory, Progress.NONE), settings);
                return opened.keep(new Content(files, directory, engine, new Generator(engine, tokenizer)));
            }
        }

        @Override
        public void close() {
            engine.close();
            directory.close();
            files.close();
        }
    }
}
