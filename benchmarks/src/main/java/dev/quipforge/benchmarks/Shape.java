package dev.quipforge.benchmarks;

import java.util.List;

/**
 * The shape of a matrix that is measured.
 *
 * @param rows m
 * @param columns n
 */
public record Shape(int rows, int columns) {

    public Shape {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException("shape: " + rows + " x " + columns + " (expected: at least 1 x 1)");
        }
    }

    /** The shape that {@code text} names, such as {@code 4096x14336}. */
    public static Shape of(String text) {
        if (!text.matches("[0-9]{1,9}x[0-9]{1,9}")) {
            throw new IllegalArgumentException("shape: " + text + " (expected: such as 4096x14336)");
        }
        int cross = text.indexOf('x');
        return new Shape(Integer.parseInt(text.substring(0, cross)), Integer.parseInt(text.substring(cross + 1)));
    }

    /** Those {@code chosen}, else what suits the device. */
    static List<Shape> chosen(List<Shape> chosen, List<Shape> usual) {
        return chosen.isEmpty() ? usual : chosen;
    }

    /** Number of elements. */
    long size() {
        return (long) rows * columns;
    }

    @Override
    public String toString() {
        return rows + "x" + columns;
    }
}
