package dev.quipforge.llm.calibration;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import java.nio.file.Path;

/** The files of sums and of Hessians: one square matrix each, and the number of tokens in the metadata. */
public final class HessianFiles {

    /** Tensor of a shard: Σ x xᵀ. */
    public static final String SUM = "sum";

    /** Tensor of the whole: Σ x xᵀ / tokens. */
    public static final String HESSIAN = "hessian";

    /** Metadata: how many tokens a sum is over. */
    public static final String TOKENS = "tokens";

    private HessianFiles() {}

    /** The file of one input of one block: {@code <directory>/<block>/<input>.safetensors}. */
    public static Path path(Path directory, int block, Input input) {
        return directory.resolve(String.valueOf(block)).resolve(input.key() + ".safetensors");
    }

    /** The square matrix {@code name} of {@code file}. */
    static Tensor square(SafetensorsFile file, String name) {
        Tensor tensor = file.tensor(name).requireFloating();
        if (tensor.shape().size() != 2
                || !tensor.shape().get(0).equals(tensor.shape().get(1))) {
            throw new InvalidModelException(name, Tensor.describe(tensor.shape()) + " (expected: a square matrix)");
        }
        return tensor;
    }

    /** The number of tokens that {@code file} was made of. */
    static long tokens(SafetensorsFile file, Path path) {
        String text = file.metadata().getOrDefault(TOKENS, "absent");
        try {
            long tokens = Long.parseLong(text);
            if (tokens > 0) {
                return tokens;
            }
        } catch (NumberFormatException _) {
            // refused below, like every other text that is no count
        }
        throw new InvalidModelException(path.toString(), "tokens: " + text + " (expected: a positive number)");
    }
}
