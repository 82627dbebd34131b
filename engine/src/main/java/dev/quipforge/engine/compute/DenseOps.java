package dev.quipforge.engine.compute;

/** Products, sums and scalings of dense matrices. */
public interface DenseOps {

    /** {@code product} = {@code a} · {@code b}, shapes [m × k] · [k × n] → [m × n]. */
    void multiply(Matrix a, Matrix b, Matrix product);

    /** {@code product} = {@code a} · {@code b}ᵀ, shapes [m × k] · [n × k]ᵀ → [m × n]. */
    void multiplyTransposed(Matrix a, Matrix b, Matrix product);

    /** {@code sum} += {@code alpha} · {@code a} · {@code b}, shapes [m × k] · [k × n] → [m × n]. */
    void multiplyAdd(float alpha, Matrix a, Matrix b, Matrix sum);

    /** {@code gram} += {@code x}ᵀ · {@code x}, shapes [t × n] → [n × n], both triangles. */
    void addGram(Matrix x, Matrix gram);

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

    /** Adds {@code value} to the diagonal of a square matrix. */
    void addToDiagonal(Matrix square, float value);

    /** {@code target} = {@code source}ᵀ. */
    void transpose(Matrix source, Matrix target);

    /** Σ a[i,j] · b[i,j], accumulated in double precision. */
    double innerProduct(Matrix a, Matrix b);

    /** The mean of the diagonal of a square matrix. */
    double meanDiagonal(Matrix square);

    /** Whether every element is finite. */
    boolean allFinite(Matrix matrix);
}
