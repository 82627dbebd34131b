package dev.quipforge.llm.model;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.safetensors.ShardedSafetensors;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import dev.quipforge.llm.tokenizer.Tokenizer;
import dev.quipforge.llm.tokenizer.Vocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face directory, dense or quantized by this project, checked when opened: configuration, every tensor with its
 * shape and type, and a tokenizer that fits the vocabulary. The values of the weights are checked by {@link #checkFinite}.
 */
public final class ModelDirectory implements AutoCloseable {

    private final Path path;
    private final ModelConfig config;
    private final ShardedSafetensors weights;
    private final Layout layout;
    private final DenseWeights dense;
    private @Nullable Tokenizer tokenizer;

    private ModelDirectory(Path path, ModelConfig config, ShardedSafetensors weights) {
        this.path = path;
        this.config = config;
        this.weights = weights;
        this.layout = new Layout(config.architecture());
        this.dense = new DenseWeights(weights, config.scaleBlock());
    }

    /**
     * Opens and checks {@code directory}.
     *
     * @throws InvalidModelException naming the file, tensor or field that is wrong
     */
    public static ModelDirectory open(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new InvalidModelException(directory.toString(), "not a directory");
        }
        ModelConfig config = ConfigReader.read(directory, () -> tensorNames(directory));
        Vocabulary.requireFits(directory, config.vocabulary());
        ShardedSafetensors weights = ShardedSafetensors.open(directory);
        try (CloseOnFailure opened = new CloseOnFailure(weights::close)) {
            ModelDirectory model = new ModelDirectory(directory, config, weights);
            model.checkTensors();
            return opened.keep(model);
        }
    }

    private static Set<String> tensorNames(Path directory) {
        try (ShardedSafetensors weights = ShardedSafetensors.open(directory)) {
            return Set.copyOf(weights.names());
        }
    }

    private void checkTensors() {
        TensorCheck check = new TensorCheck(config, layout, dense);
        check.run();
        if (!config.partial()) {
            check.refuseOthers();
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** A name for people: the last part of the path. */
    public String name() {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName());
    }

    /** What {@code config.json} says. */
    public ModelConfig config() {
        return config;
    }

    /** All tensors. */
    public TensorSource weights() {
        return weights;
    }

    /** The weight files, in the order of their names. */
    public List<Path> weightFiles() {
        return weights.paths();
    }

    /** The tokenizer; it is closed with this directory. */
    public synchronized Tokenizer tokenizer() {
        Tokenizer opened = tokenizer;
        if (opened == null) {
            opened = Tokenizer.open(path.resolve(Tokenizer.FILE));
            tokenizer = opened;
        }
        return opened;
    }

    /** The weights of linears that are not quantized. */
    public DenseWeights dense() {
        return dense;
    }

    /** Its linears by name, and the names and shapes of its tensors. */
    public Layout layout() {
        return layout;
    }

    /** The linears that are quantized, block by block, in the order in which they are computed. */
    public List<LinearGroup> linearGroups() {
        return layout.groups();
    }

    /** Number of parameters of the dense model; tied embeddings count once. */
    public long parameters() {
        return layout.parameters();
    }

    /** Bytes of all tensors. */
    public long weightBytes() {
        return weights.names().stream()
                .mapToLong(name -> weights.tensor(name).data().byteSize())
                .sum();
    }

    /**
     * Checks that every weight is a finite number.
     *
     * @throws InvalidModelException naming the tensor and the first element that is NaN or infinite
     */
    public void checkFinite(Progress progress) {
        long total = weightBytes();
        long done = 0;
        for (String name : weights.names()) {
            progress.update((double) done / total, "checking " + name);
            Tensor tensor = weights.tensor(name);
            tensor.requireFinite();
            done += tensor.data().byteSize();
        }
        progress.update(1, "all weights are finite");
    }

    @Override
    public synchronized void close() {
        weights.close();
        Tokenizer opened = tokenizer;
        if (opened != null) {
            opened.close();
            tokenizer = null;
        }
    }
}
