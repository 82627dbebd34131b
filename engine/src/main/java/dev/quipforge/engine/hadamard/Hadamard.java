package dev.quipforge.engine.hadamard;

import java.util.stream.IntStream;

/**
 * An orthonormal transform of one dimension from Hadamard matrices: U = I_b ⊗ (M_K ⊗ H_{2^p}) / sqrt(n / b) with
 * n = b · K · 2^p, where H is Sylvester's matrix and M_K one of the matrices of {@link SmallHadamard} (QuIP#, section 3).
 * The small matrix is the outer factor; U is not symmetric when M_K is not. Usually there is one block; several serve
 * dimensions for which there is no Hadamard matrix, and formats that ask for them.
 *
 * @param order the dimension n
 * @param outer the small order K, 1 for a power of two
 * @param blocks number b of equal blocks along the diagonal
 */
public record Hadamard(int order, int outer, int blocks) {

    public Hadamard {
        if (order < 1
                || blocks < 1
                || order % blocks != 0
                || !SmallHadamard.orders().contains(outer)
                || order / blocks % outer != 0
                || !isPower(order / blocks / outer)) {
            throw new IllegalArgumentException("Hadamard: order " + order + " in " + blocks
                    + " blocks with outer factor " + outer + " (expected: blocks of an outer factor of "
                    + SmallHadamard.orders() + " times a power of two)");
        }
    }

    /**
     * The transform of dimension {@code order} in one block, with the outer factor that the papers' programs choose.
     *
     * @throws IllegalArgumentException for a dimension that no Hadamard matrix of the table divides suitably
     */
    public static Hadamard of(int order) {
        if (!supports(order)) {
            throw new IllegalArgumentException(
                    "dimension: " + order + " (expected: K * 2^p with K one of " + SmallHadamard.orders() + ")");
        }
        return new Hadamard(order, outerFactor(order), 1);
    }

    /** Whether there is a transform of this dimension in one block. */
    public static boolean supports(int order) {
        return order >= 1 && isPower(order / outerFactor(order));
    }

    /** The transform with the largest blocks that dimension {@code order} allows; one block where there is one. */
    public static Hadamard fitting(int order) {
        if (order < 1) {
            throw new IllegalArgumentException("dimension: " + order + " (expected: at least 1)");
        }
        int blocks = IntStream.rangeClosed(1, order)
                .filter(count -> order % count == 0 && supports(order / count))
                .findFirst()
                .orElse(order);
        return inBlocks(order, order / blocks);
    }

    /** The transform in blocks of {@code size}, such as the 128 of EXL3. */
    public static Hadamard inBlocks(int order, int size) {
        if (size < 1 || order < 1 || order % size != 0) {
            throw new IllegalArgumentException(
                    "Hadamard block: " + size + " (expected: a divisor of the dimension " + order + ")");
        }
        return new Hadamard(order, of(size).outer, order / size);
    }

    /** Order of one block. */
    public int size() {
        return order / blocks;
    }

    /** The order 2^p of Sylvester's factor. */
    public int inner() {
        return size() / outer;
    }

    /** The sign of U[row, column], 0 outside the blocks; its magnitude is 1 / sqrt({@link #size()}) within. */
    public int sign(int row, int column) {
        if (row / size() != column / size()) {
            return 0;
        }
        int small = SmallHadamard.of(outer).sign(row % size() / inner(), column % size() / inner());
        int common = row % inner() & column % inner();
        return Integer.bitCount(common) % 2 == 0 ? small : -small;
    }

    private static int outerFactor(int order) {
        return SmallHadamard.orders().stream()
                .filter(outer -> order % outer == 0)
                .findFirst()
                .orElse(1);
    }

    private static boolean isPower(int number) {
        return Integer.bitCount(number) == 1;
    }
}
