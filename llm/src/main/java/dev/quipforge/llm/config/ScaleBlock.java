package dev.quipforge.llm.config;

/**
 * The part of a weight of 8 bits that has a scale of its own.
 *
 * @param rows of a block
 * @param columns of a block
 */
public record ScaleBlock(int rows, int columns) {

    /** What is published most. */
    public static final ScaleBlock USUAL = new ScaleBlock(128, 128);
}
