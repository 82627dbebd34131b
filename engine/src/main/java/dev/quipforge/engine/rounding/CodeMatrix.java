package dev.quipforge.engine.rounding;

import java.util.List;
import java.util.Objects;

/** The codes of a rounded matrix, row by row; those of at most 8 bits take one byte each. */
public final class CodeMatrix {

    private final int rows;
    private final int columns;
    private final byte[] bytes;
    private final int[] integers;

    /**
     * Codes that are all 0.
     *
     * @param rows m of the rounded matrix
     * @param columns codes of a row: n / dimension
     * @param codeBits bits of a code, at most 32
     */
    public CodeMatrix(int rows, int columns, int codeBits) {
        int count = Math.multiplyExact(rows, columns);
        boolean small = codeBits <= Byte.SIZE;
        this.rows = rows;
        this.columns = columns;
        this.bytes = new byte[small ? count : 0];
        this.integers = new int[small ? 0 : count];
    }

    /** The codes of matrices below each other, copied; all have as many columns and bits. */
    public static CodeMatrix stacked(List<CodeMatrix> parts) {
        int columns = parts.getFirst().columns;
        boolean small = parts.getFirst().integers.length == 0;
        int rows = parts.stream().mapToInt(CodeMatrix::rows).sum();
        CodeMatrix all = new CodeMatrix(rows, columns, small ? Byte.SIZE : Integer.SIZE);
        int above = 0;
        for (CodeMatrix part : parts) {
            int count = part.rows * columns;
            System.arraycopy(small ? part.bytes : part.integers, 0, small ? all.bytes : all.integers, above, count);
            above += count;
        }
        return all;
    }

    /** m. */
    public int rows() {
        return rows;
    }

    /** Codes of a row. */
    public int columns() {
        return columns;
    }

    /** One code. */
    public int get(int row, int column) {
        int index = index(row, column);
        return integers.length == 0 ? Byte.toUnsignedInt(bytes[index]) : integers[index];
    }

    /** Sets one code. */
    public void set(int row, int column, int code) {
        int index = index(row, column);
        if (integers.length == 0) {
            bytes[index] = (byte) code;
        } else {
            integers[index] = code;
        }
    }

    /** The codes of rows {@code from} to {@code to}, exclusive, row by row, as the packings take them; copied. */
    public int[] rows(int from, int to) {
        Objects.checkFromToIndex(from, to, rows);
        int[] part = new int[(to - from) * columns];
        for (int i = 0; i < part.length; i++) {
            part[i] = get(from + i / columns, i % columns);
        }
        return part;
    }

    /** The same codes with column {@code order}[j] in place of what is column j here. */
    CodeMatrix inOrder(int[] order) {
        CodeMatrix ordered = new CodeMatrix(rows, columns, integers.length == 0 ? Byte.SIZE : Integer.SIZE);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                ordered.set(i, order[j], get(i, j));
            }
        }
        return ordered;
    }

    private int index(int row, int column) {
        return Objects.checkIndex(row, rows) * columns + Objects.checkIndex(column, columns);
    }
}
