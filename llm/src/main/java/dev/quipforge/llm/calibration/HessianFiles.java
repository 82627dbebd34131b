package dev.quipforge.llm.calibration;

import dev.quipforge.llm.architecture.LinearGroup;
import java.nio.file.Path;

/** Where the sums and the Hessians of groups are, each a {@link HessianFile}. */
public final class HessianFiles {

    /** What the names of groups of experts begin with; by itself the name of the sums over all experts of a block. */
    public static final String EXPERTS = "experts";

    private HessianFiles() {}

    /** The file of a group: {@code <directory>/<block>/<group>.safetensors}. */
    public static Path path(Path directory, LinearGroup group) {
        return path(directory, group.block(), group.key());
    }

    /** The file of the group of that name, or of {@link #EXPERTS}. */
    public static Path path(Path directory, int block, String group) {
        return directory.resolve(String.valueOf(block)).resolve(group + ".safetensors");
    }

    /** Whether a group is one of experts, which need the sums over all experts of their block too. */
    public static boolean isOfExperts(String group) {
        return group.startsWith(EXPERTS);
    }

    /** The name that the sum over all experts has, of the input of one. */
    static String pool(String input) {
        return EXPERTS + input.substring(input.lastIndexOf('-'));
    }
}
