package dev.quipforge.inference.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.inference.serving.ModelNotServedException.Reason;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.CacheProperties;
import dev.quipforge.kit.artifact.S3ArtifactStore;
import dev.quipforge.kit.artifact.S3Server;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.serving.EngineSettings;
import dev.quipforge.llm.testing.ScarceBackend;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.Tokenizer;
import dev.quipforge.llm.transformer.ServedDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class LoadedModelsTest {

    private static final DataSize CACHE = DataSize.ofKilobytes(64);

    @TempDir
    static Path folder;

    private static S3Server server;
    private static S3ArtifactStore store;
    private static long bytes;

    private ComputeBackend backend;
    private ArtifactCache cache;
    private LoadedModels models;

    @BeforeAll
    static void start() throws IOException {
        server = S3Server.start(Files.createDirectories(folder.resolve("objects")));
        store = S3ArtifactStore.connect(server.properties());
        for (String name : List.of("a", "b", "c")) {
            Path directory = TestModels.tiny(folder.resolve(name), name.hashCode());
            store.putDirectory("models/" + name, directory);
            store.put("models/" + name + "/SHA256SUMS", "-".getBytes(UTF_8));
            try (ModelDirectory model = ModelDirectory.open(directory)) {
                EngineSettings settings = EngineSettings.of(model.config(), CACHE.toBytes());
                bytes = ServedDecoder.bytes(model) + settings.cacheBytes(model.config());
            }
        }
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    @BeforeEach
    void load() {
        backend = ComputeBackends.named("scalar");
        cache = new ArtifactCache(
                store, new CacheProperties(folder.resolve("cache"), DataSize.ofGigabytes(1)), Clock.systemUTC());
        models = new LoadedModels(new StoreCatalog(store, cache), backend, forTwoModels());
    }

    private static ServingProperties forTwoModels() {
        return new ServingProperties(DataSize.ofBytes(2 * bytes), CACHE, 4096, List.of());
    }

    @AfterEach
    void unload() {
        models.close();
        assertThat(backend.allocatedBytes()).isZero();
        backend.close();
    }

    @Test
    void aModelIsLoadedOnceForAll() {
        try (LoadedModel first = models.acquire("models/a");
                LoadedModel second = models.acquire("models/a")) {
            assertThat(first.generator()).isSameAs(second.generator());
            assertThat(first.generator()
                            .generate("x", Sampling.greedy(2), piece -> {})
                            .tokens())
                    .isPositive();
        }
    }

    @Test
    void theLeastRecentlyUsedModelMakesRoom() {
        models.acquire("models/a").close();
        models.acquire("models/b").close();
        models.acquire("models/a").close();
        long two = backend.allocatedBytes();
        models.acquire("models/c").close();

        assertThat(backend.allocatedBytes()).isEqualTo(two);
        long before = backend.allocatedBytes();
        models.acquire("models/a").close();
        assertThat(backend.allocatedBytes()).isEqualTo(before);
    }

    @Test
    void modelsInUseAreNotPushedOut() {
        try (LoadedModel a = models.acquire("models/a");
                LoadedModel b = models.acquire("models/b")) {
            assertThat(a).isNotSameAs(b);
            assertThatExceptionOfType(ModelNotServedException.class)
                    .isThrownBy(() -> models.acquire("models/c"))
                    .withMessage("model: models/c needs %d bytes (expected: at most %d, less %d of models in use)"
                            .formatted(bytes, 2 * bytes, 2 * bytes))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_ROOM));
        }
        models.acquire("models/c").close();
    }

    @Test
    void aModelForWhichMemoryEndsLeavesItsPlace() {
        try (ScarceBackend scarce = new ScarceBackend(0);
                LoadedModels two = new LoadedModels(new StoreCatalog(store, cache), scarce, forTwoModels())) {
            assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> two.acquire("models/a"));
            assertThat(scarce.allocatedBytes()).isZero();
            scarce.allow(Integer.MAX_VALUE);
            try (LoadedModel b = two.acquire("models/b");
                    LoadedModel c = two.acquire("models/c")) {
                assertThat(b).isNotSameAs(c);
            }
        }
    }

    @Test
    void aModelWhoseTokenizerCannotBeReadLeavesNoWeights() throws IOException {
        Path directory = TestModels.tiny(folder.resolve("mute"), 9);
        Files.writeString(directory.resolve(Tokenizer.FILE), "{\"model\": {\"vocab\": {\"x\": 0}}}");
        store.putDirectory("models/mute", directory);
        store.put("models/mute/SHA256SUMS", "-".getBytes(UTF_8));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> models.acquire("models/mute"))
                .withMessageStartingWith("tokenizer.json: cannot be read as a tokenizer");
        assertThat(backend.allocatedBytes()).isZero();
    }

    @Test
    void aModelThatIsNotThereIsUnknown() {
        assertThatExceptionOfType(ModelNotServedException.class)
                .isThrownBy(() -> models.acquire("models/none"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN));
    }
}
