package dev.quipforge.gateway.request;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The directories that models and texts may be read from.
 *
 * <p>The gateway compares names only: it need not see the files. The worker that opens them checks again, with symbolic
 * links resolved.
 *
 * @param roots absolute, normalized
 */
record AllowedRoots(List<Path> roots) {

    AllowedRoots {
        roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
    }

    /** The normalized path if it is absolute and inside a root, else null. */
    @Nullable
    String inside(String path) {
        try {
            Path normalized = Path.of(path).normalize();
            boolean allowed = normalized.isAbsolute() && roots.stream().anyMatch(normalized::startsWith);
            return allowed ? normalized.toString() : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** What {@link #inside} expects, for a message. */
    String expectation() {
        return roots.isEmpty()
                ? "a path inside quipforge.allowed-roots, which is empty: no directory may be read"
                : "an absolute path inside "
                        + roots.stream().map(Path::toString).collect(Collectors.joining(" or "));
    }
}
