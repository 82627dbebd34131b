package dev.quipforge.llm.tuning;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import java.nio.file.Path;

/**
 * The files of hidden states: for every boundary (the input of a block; after the last one its output) and every range of
 * windows one tensor in BF16, [windows · length × hidden].
 */
public final class ActivationFiles {

    static final String HIDDEN = "hidden";

    static final String FIRST = "first";

    static final String WINDOWS = "windows";

    private ActivationFiles() {}

    /**
     * A file: {@code <directory>/<boundary>/<from>-<to>.safetensors}.
     *
     * @param directory of all activations
     * @param boundary 0 for the input of block 0, up to the number of blocks
     * @param from first window
     * @param to window after the last
     */
    public static Path path(Path directory, int boundary, int from, int to) {
        return directory.resolve(String.valueOf(boundary)).resolve(from + "-" + to + ".safetensors");
    }

    /** A number in the metadata of {@code file}. */
    static int number(SafetensorsFile file, Path path, String key) {
        String text = file.metadata().getOrDefault(key, "absent");
        try {
            int number = Integer.parseInt(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException _) {
            // refused below, like every other text that is no count
        }
        throw new InvalidModelException(path.toString(), key + ": " + text + " (expected: a number of at least 0)");
    }
}
