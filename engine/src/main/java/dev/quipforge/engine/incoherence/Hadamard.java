package dev.quipforge.engine.incoherence;

/**
 * The orthonormal Hadamard matrix of one order: U = (M_K ⊗ H_{2^p}) / sqrt(n) with n = K · 2^p, where H is Sylvester's
 * matrix and M_K one of the matrices of {@link SmallHadamard} (QuIP#, section 3). The small matrix is the outer factor; U
 * is not symmetric when M_K is not.
 *
 * @param order the dimension n
 * @param outer the small order K, 1 for a power of two
 */
public record Hadamard(int order, int outer) {

    public Hadamard {
        if (order < 1 || !SmallHadamard.orders().contains(outer) || order % outer != 0 || !isPower(order / outer)) {
            throw new IllegalArgumentException("Hadamard: order " + order + " with outer factor " + outer
                    + " (expected: an outer factor of " + SmallHadamard.orders() + " times a power of two)");
        }
    }

    /**
     * The transform of dimension {@code order}, with the outer factor that the papers' programs choose.
     *
     * @throws IllegalArgumentException for a dimension that no Hadamard matrix of the table divides suitably
     */
    public static Hadamard of(int order) {
        if (!supports(order)) {
            throw new IllegalArgumentException(
                    "dimension: " + order + " (expected: K * 2^p with K one of " + SmallHadamard.orders() + ")");
        }
        return new Hadamard(order, outerFactor(order));
    }

    /** Whether there is a transform of this dimension. */
    public static boolean supports(int order) {
        return order >= 1 && isPower(order / outerFactor(order));
    }

    /** The order 2^p of Sylvester's factor. */
    public int inner() {
        return order / outer;
    }

    /** The sign of U[row, column]; its magnitude is 1 / sqrt(n) everywhere. */
    public int sign(int row, int column) {
        int small = SmallHadamard.of(outer).sign(row / inner(), column / inner());
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
