package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearGroup;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;

/**
 * The names that overrides have for groups: a {@link LinearGroup#path}, such as {@code 0/mlp-down}, or a glob over paths, such as
 * {@code 0/*} for all groups of block 0, as {@link java.nio.file.FileSystem#getPathMatcher} reads it. A path counts before a
 * glob.
 */
public final class GroupNames {

    private static final String FIELD = "overrides";

    private GroupNames() {}

    /**
     * The groups that are named, by path, each with the name that counts for it.
     *
     * @param names paths and globs
     * @param groups all groups of a model
     * @throws InvalidModelException when a name matches no group, or several globs one group
     */
    public static SortedMap<String, String> resolve(Collection<String> names, List<LinearGroup> groups) {
        for (String name : names) {
            requireGlob(name);
            if (groups.stream().noneMatch(group -> isOf(name, group.path()))) {
                throw wrong(name, "matches no group (expected: a path or a glob over " + examples(groups) + ")");
            }
        }
        SortedMap<String, String> named = new TreeMap<>();
        for (LinearGroup group : groups) {
            find(names, group.path()).ifPresent(name -> named.put(group.path(), name));
        }
        return named;
    }

    /**
     * The name that counts for a group, if any does.
     *
     * @throws InvalidModelException when several globs match
     */
    static Optional<String> find(Collection<String> names, String path) {
        if (names.contains(path)) {
            return Optional.of(path);
        }
        List<String> globs =
                names.stream().filter(name -> isGlob(name) && isOf(name, path)).toList();
        if (globs.size() > 1) {
            throw new InvalidModelException(
                    FIELD,
                    String.join(" and ", globs) + " match " + path + " (expected: one of them, or an override of "
                            + path + " itself)");
        }
        return globs.stream().findFirst();
    }

    /** Fails unless the name can be read as a glob. */
    static void requireGlob(String name) {
        isOf(name, "");
    }

    private static boolean isGlob(String name) {
        return name.chars().anyMatch(character -> "*?[{\\".indexOf(character) >= 0);
    }

    private static boolean isOf(String name, String path) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + name).matches(Path.of(path));
        } catch (PatternSyntaxException e) {
            throw new InvalidModelException(
                    FIELD + "." + name, "not a glob: " + e.getDescription() + " (expected: such as */mlp-down)", e);
        }
    }

    /** What the paths of a model look like. */
    private static String examples(List<LinearGroup> groups) {
        List<String> keys = groups.stream().map(LinearGroup::key).distinct().toList();
        int last = groups.isEmpty() ? 0 : groups.getLast().block();
        return "BLOCK/KEY, with BLOCK 0 to " + last + " and KEY one of " + keys;
    }

    static InvalidModelException wrong(String name, String problem) {
        return new InvalidModelException(FIELD + "." + name, problem);
    }
}
