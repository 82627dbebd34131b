package dev.quipforge.calibration;

import dev.quipforge.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** The directories that jobs may name files of. Links are followed before the question is asked. */
final class AllowedRoots {

    private final List<Path> roots;

    AllowedRoots(List<Path> roots) {
        this.roots = List.copyOf(roots);
    }

    /**
     * The real path of something that is there and inside a root.
     *
     * @param field the field of the job that names it, for the message
     * @throws InvalidModelException when it is not there, or outside
     */
    Path resolve(String field, String path) {
        try {
            Path real = Path.of(path).toRealPath();
            for (Path root : roots) {
                if (real.startsWith(root.toRealPath())) {
                    return real;
                }
            }
            throw new InvalidModelException(field, path + " (expected: inside one of " + roots + ")");
        } catch (IOException | InvalidPathException e) {
            throw new InvalidModelException(field, path + " (expected: a path that this worker can read)", e);
        }
    }
}
