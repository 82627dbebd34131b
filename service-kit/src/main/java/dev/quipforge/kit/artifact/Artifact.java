package dev.quipforge.kit.artifact;

/**
 * An entry of the artifact store.
 *
 * @param key its name, such as {@code models/<digest>/config.json}
 * @param bytes its size in bytes
 */
public record Artifact(String key, long bytes) {}
