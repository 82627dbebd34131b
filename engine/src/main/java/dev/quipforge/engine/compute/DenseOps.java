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
