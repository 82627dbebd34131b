package dev.quipforge.kit.artifact;

import java.util.regex.Pattern;

/** What a key may look like; the rule is written down at {@link ArtifactStore}. */
final class ArtifactKeys {

    private static final Pattern PARTS = Pattern.compile("[!-.0-~]+(?:/[!-.0-~]+)*");
    private static final Pattern DOTS = Pattern.compile("(?:.*/)?\\.{1,2}(?:/.*)?");
    private static final int LONGEST = 1024;

    private ArtifactKeys() {}

    /** Returns the key, or throws. */
    static String checked(String key) {
        if (key.length() > LONGEST
                || key.indexOf('\\') >= 0
                || !PARTS.matcher(key).matches()
                || DOTS.matcher(key).matches()) {
            throw new IllegalArgumentException(
                    "artifact key: \"%s\" (expected: a relative path of visible ASCII characters without empty parts, \".\" and \"..\")"
                            .formatted(key));
        }
        return key;
    }

    /** Returns the prefix, which may be empty or end with a slash, or throws. */
    static String checkedPrefix(String prefix) {
        if (!prefix.isEmpty()) {
            checked(prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
        }
        return prefix;
    }
}
