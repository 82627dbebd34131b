package dev.quipforge.llm.calibration;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * A file of sums Σ x xᵀ, or of Hessians Σ x xᵀ / tokens: a square matrix for every input, named after it, and in the metadata the
 * number of its tokens, and the part of it that is that of all experts.
 */
public final class HessianFile implements AutoCloseable {

    private static final String TOKENS = "tokens.";
    private static final String PRIOR = "prior.";

    private final Path path;
    private final SafetensorsFile file;

    private HessianFile(Path path, SafetensorsFile file) {
        this.path = path;
        this.file = file;
    }

    /** Opens one. */
    public static HessianFile open(Path path) {
        return new HessianFile(path, SafetensorsFile.open(path));
    }

    /** Number of tokens of the input that most of them reached, in the file at {@code path}. */
    public static long mostTokens(Path path) {
        try (HessianFile file = open(path)) {
            return file.inputs().stream().mapToLong(file::tokens).max().orElse(0);
        }
    }

    /** The metadata of one input. */
    static Map<String, String> metadata(String input, long tokens, double prior) {
        return Map.of(TOKENS + input, Long.toString(tokens), PRIOR + input, Double.toString(prior));
    }

    /** The inputs in it. */
    SortedSet<String> inputs() {
        return file.names();
    }

    /** The square matrix of an input. */
    Tensor square(String input) {
        Tensor tensor = file.tensor(input).requireFloating();
        if (tensor.shape().size() != 2
                || !tensor.shape().get(0).equals(tensor.shape().get(1))) {
            throw new InvalidModelException(input, Tensor.describe(tensor.shape()) + " (expected: a square matrix)");
        }
        return tensor;
    }

    /**
     * The Hessian of an input, [width × width].
     *
     * @throws InvalidModelException when it is missing, of another shape, or not finite
     */
    public Tensor hessian(InputSpec input) {
        Tensor hessian = file.tensor(input.key()).requireFloating().requireShape(List.of((long) input.width(), (long)
                input.width()));
        try {
            hessian.requireFinite();
        } catch (InvalidModelException e) {
            throw new InvalidModelException(path + ": " + e.place(), e.problem(), e);
        }
        return hessian;
    }

    /** Tokens that an input was summed over. */
    public long tokens(InputSpec input) {
        return tokens(input.key());
    }

    /** Part of the Hessian of an input that is that of all experts. */
    public double prior(InputSpec input) {
        return Double.parseDouble(file.metadata().getOrDefault(PRIOR + input.key(), "0"));
    }

    long tokens(String input) {
        String text = file.metadata().getOrDefault(TOKENS + input, "absent");
        try {
            long tokens = Long.parseLong(text);
            if (tokens >= 0) {
                return tokens;
            }
        } catch (NumberFormatException _) {
            // refused below, like every other text that is no count
        }
        throw new InvalidModelException(
                path.toString(), TOKENS + input + ": " + text + " (expected: a number of at least 0)");
    }

    @Override
    public void close() {
        file.close();
    }
}
