package dev.quipforge.engine.compute;

import java.util.List;

/** Products, sums and scalings of dense matrices. */
public interface DenseOps {

    /** {@code product} = {@code a} · {@code b}, shapes [m × k] · [k × n] → [m × n]. */
    void multiply(Matrix a, Matrix b, Matrix product);

    /** {@code product} = {@code a} · {@code b}ᵀ, shapes [m × k] · [n × k]ᵀ → [m × n]. */
    void multiplyTransposed(Matrix a, Matrix b, Matrix product);

    /** {@code sum} += {@code alpha} · {@code a} · {@code b}, shapes [m × k] · [k × n] → [m × n]. */
    void multiplyAdd(float alpha, Matrix a, Matrix b, Matrix sum);

    /**
     * {@link #multiply(Matrix, Matrix, Matrix)} of every triple; products of equal shapes may take less time together than one
     * after the other.
     *
     * @param a left factors
     * @param b right factors, as many
     * @param products receive the products, as many; none overlaps another or a factor
     */
    default void multiply(List<Matrix> a, List<Matrix> b, List<Matrix> products) {
        Shapes.requireCount("b", b, a.size());
        Shapes.requireCount("products", products, a.size());
        for (int i = 0; i < a.size(); i++) {
            multiply(a.get(i), b.get(i), products.get(i));
        }
    }

    /** {@link #multiplyAdd(float, Matrix, Matrix, Matrix)} of every triple, likewise. */
    default void multiplyAdd(float alpha, List<Matrix> a, List<Matrix> b, List<Matrix> sums) {
        Shapes.requireCount("b", b, a.size());
        Shapes.requireCount("sums", sums, a.size());
        for (int i = 0; i < a.size(); i++) {
            multiplyAdd(alpha, a.get(i), b.get(i), sums.get(i));
        }
    }

    /** {@code gram} += {@code x}ᵀ · {@code x}, shapes [t × n] → [n × n], both triangles. */
    void addGram(Matrix x, Matrix gram);

    /**
     * The linear layers that read one input: {@code outputs}[i] = {@code input} · {@code weights}[i]ᵀ, shapes [t × k] ·
     * [n × k]ᵀ → [t × n]. Unlike {@link #multiplyTransposed} a backend may round both operands to bf16 (an error of at most
     * 2⁻⁹ of each) where its hardware is much faster with these; sums are in fp32 at least.
     */
    default void project(Matrix input, List<Matrix> weights, List<Matrix> outputs) {
        for (int i = 0; i < weights.size(); i++) {
            multiplyTransposed(input, weights.get(i), outputs.get(i));
        }
    }

    /** {@link #addGram} of activations, which a backend may round to bf16 as {@link #project} does. */
    default void addActivationGram(Matrix activations, Matrix gram) {
        addGram(activations, gram);
    }

    /** {@code target} = {@code source}, same shape. */
    void copy(Matrix source, Matrix target);

    /** {@code target} += {@code alpha} · {@code source}, same shape. */
    void add(float alpha, Matrix source, Matrix target);

    /** Every element times {@code factor}. */
    void scale(Matrix matrix, float factor);

    /** Row i times {@code factors}[0, i]; factors are [1 × rows]. */
    void scaleRows(Matrix matrix, Matrix factors);

    /** Column j times {@code factors}[0, j]; factors are [1 × columns]. */
    void scaleColumns(Matrix matrix, Matrix factors);

    /** Adds {@code row}, [1 × columns], to every row: a bias. */
    void addRow(Matrix matrix, Matrix row);

    /**
     * Subtracts from every row its mean. With {@link TransformerOps#rmsNorm} after it this is the layer norm without bias. The
     * operation is linear and symmetric: it is its own backward form.
     */
    void centerRows(Matrix matrix);

    /** Adds {@code value} to the diagonal of a square matrix. */
    void addToDiagonal(Matrix square, float value);

    /** {@code target} = {@code source}ᵀ. */
    void transpose(Matrix source, Matrix target);

    /** Column j of {@code target} = column {@code columns}[0, j] of {@code source}; columns are [1 × target columns]. */
    void gatherColumns(Matrix source, IntMatrix columns, Matrix target);

    /** {@code diagonal}[0, j] = square[j, j]; the diagonal is [1 × n]. */
    void diagonal(Matrix square, Matrix diagonal);

    /** {@code energies}[0, j] = Σ_i matrix[i, j]²; energies are [1 × columns]. */
    void columnEnergies(Matrix matrix, Matrix energies);

    /** The largest magnitude of all elements; 0 for an empty matrix. */
    float maxMagnitude(Matrix matrix);

    /** Σ a[i,j] · b[i,j], accumulated in double precision. */
    double innerProduct(Matrix a, Matrix b);

    /** The mean of the diagonal of a square matrix. */
    double meanDiagonal(Matrix square);

    /** Whether every element is finite. */
    boolean allFinite(Matrix matrix);
}
