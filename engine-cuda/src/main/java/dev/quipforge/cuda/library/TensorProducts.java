package dev.quipforge.cuda.library;

import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;

/** Products of matrices rounded to bf16, on the tensor cores. */
public final class TensorProducts {

    /** Columns of a panel of a Gram matrix: what is above the diagonal blocks of this size is not computed. */
    private static final int PANEL = 1024;

    private static final int EIGHT = 8;

    /** Rows below which a product is bound by reading the weight: in fp32 that is once. */
    public static final int LEAST_TOKENS = 32;

    private final Kernels kernels;
    private final Cublas cublas;
    private final DeviceMemory memory;

    /**
     * @param kernels round operands and put sums together
     * @param cublas multiplies
     * @param memory lends the rounded operands' memory
     */
    public TensorProducts(Kernels kernels, Cublas cublas, DeviceMemory memory) {
        this.kernels = kernels;
        this.cublas = cublas;
        this.memory = memory;
    }

    /** Whether a matrix of this width can be an operand. */
    public static boolean fits(int columns) {
        return columns > 0 && columns % EIGHT == 0;
    }

    /** {@code source} rounded to bf16, in {@code scratch}. */
    public HalfMatrix rounded(Scratch scratch, DeviceMatrix source) {
        int rows = source.rows();
        int columns = source.columns();
        long address = scratch.bytes("bf16 of " + rows + " x " + columns, source.size() * Short.BYTES);
        Launch all = Launch.elements(rows, columns / EIGHT);
        boolean vectors = source.address() % 16 == 0 && source.stride() % 4 == 0;
        kernels.launch("narrow", "narrow", all, (long) rows, (long) columns, vectors ? 1 : 0, source, address);
        return new HalfMatrix(address, rows, columns, columns);
    }

    /** {@code product} = input · weightᵀ. */
    public void project(HalfMatrix input, DeviceMatrix weight, DeviceMatrix product) {
        try (Scratch scratch = new Scratch(memory)) {
            cublas.multiplyTransposed(input, rounded(scratch, weight), product);
        }
    }

    /** {@code product} = a · b + {@code beta} · product. */
    public void multiply(DeviceMatrix a, DeviceMatrix b, float beta, DeviceMatrix product) {
        try (Scratch scratch = new Scratch(memory)) {
            cublas.multiply(rounded(scratch, a), rounded(scratch, b), beta, product);
        }
    }

    /** {@code sum} += aᵀ · b. */
    public void multiplyByTransposed(DeviceMatrix a, DeviceMatrix b, DeviceMatrix sum) {
        try (Scratch scratch = new Scratch(memory)) {
            cublas.multiplyByTransposed(rounded(scratch, a), rounded(scratch, b), 1, sum);
        }
    }

    /** {@code gram} += xᵀ · x, symmetric before and after. */
    public void addGram(DeviceMatrix x, DeviceMatrix gram) {
        int order = gram.rows();
        try (Scratch scratch = new Scratch(memory)) {
            HalfMatrix rounded = rounded(scratch, x);
            for (int first = 0; first < order; first += PANEL) {
                int end = Math.min(order, first + PANEL);
                DeviceMatrix panel = gram.rows(first, end).columns(0, end);
                cublas.multiplyByTransposed(rounded.columns(first, end), rounded.columns(0, end), 1, panel);
            }
        }
        mirrorLower(gram);
    }

    /** The upper triangle becomes that of the lower one. */
    public void mirrorLower(DeviceMatrix square) {
        int order = square.rows();
        kernels.launch("split", "mirror_lower", Launch.tiles(order, order), (long) order, square.address(), (long)
                square.stride());
    }
}
