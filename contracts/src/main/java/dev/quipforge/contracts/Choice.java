package dev.quipforge.contracts;

/**
 * Something that a job can choose.
 *
 * @param name such as {@code blocks}
 * @param title a few words for people
 * @param cost what it brings and costs, for people
 */
public record Choice(String name, String title, String cost) {}
