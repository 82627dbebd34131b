package dev.quipforge.engine.compute;

/**
 * Something to compute on that was found here.
 *
 * @param name what {@link ComputeBackends#named} takes for it: {@code vector}, {@code cuda:1}
 * @param description one line for people
 */
public record ComputeDevice(String name, String description) {}
