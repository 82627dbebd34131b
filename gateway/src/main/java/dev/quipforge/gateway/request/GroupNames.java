package dev.quipforge.gateway.request;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The names that overrides have for groups: a path {@code <block>/<group>}, or a glob over paths as {@link
 * java.nio.file.FileSystem#getPathMatcher} reads it. A path counts before a glob; the import has refused globs that share a group.
 */
public final class GroupNames {

    private GroupNames() {}

    /** What a group has by its name; null where none is its own. */
    public static <V> @Nullable V find(Map<String, V> byName, String path) {
        V own = byName.get(path);
        if (own != null) {
            return own;
        }
        return byName.entrySet().stream()
                .filter(entry -> isOf(entry.getKey(), path))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** Whether the name can be read. */
    static boolean isReadable(String name) {
        try {
            isOf(name, "");
            return !name.isBlank() && name.chars().noneMatch(Character::isISOControl);
        } catch (PatternSyntaxException _) {
            return false;
        }
    }

    private static boolean isOf(String name, String path) {
        return FileSystems.getDefault().getPathMatcher("glob:" + name).matches(Path.of(path));
    }
}
