package dev.quipforge.engine.compute.vector;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Products of small panels on the calling thread; {@link VectorDenseOps} cuts whole products into panels. */
interface Products {

    /** One word or two for the description of the backend. */
    String description();

    /** How an operand enters the product. */
    enum Form {
        PLAIN,
        TRANSPOSED
    }

    /** What becomes of the old content of the result. */
    enum Result {
        REPLACED,
        ADDED_TO
    }

    /**
     * {@code c} = {@code alpha} · op(a) · op(b), or {@code c} += it; op is the matrix itself or its transpose.
     *
     * @param alpha factor of the product
     * @param a left operand and its form
     * @param b right operand and its form
     * @param c result, not overlapping the operands
     * @param result whether c is replaced or added to
     */
    void multiply(float alpha, Operand a, Operand b, HostMatrix c, Result result);

    /** {@link dev.quipforge.engine.compute.FactorOps#eigenvectors} on the calling thread. */
    void eigenvectors(HostMatrix symmetric);

    /** A matrix with the form in which it enters a product. */
    record Operand(HostMatrix matrix, Form form) {

        static Operand plain(HostMatrix matrix) {
            return new Operand(matrix, Form.PLAIN);
        }

        static Operand transposed(HostMatrix matrix) {
            return new Operand(matrix, Form.TRANSPOSED);
        }

        int rows() {
            return form == Form.PLAIN ? matrix.rows() : matrix.columns();
        }

        int columns() {
            return form == Form.PLAIN ? matrix.columns() : matrix.rows();
        }

        /** Rows {@code from} to {@code to} of the operand as it enters the product. */
        Operand rows(int from, int to) {
            return new Operand(form == Form.PLAIN ? matrix.rows(from, to) : matrix.columns(from, to), form);
        }

        /** Columns {@code from} to {@code to} of the operand as it enters the product. */
        Operand columns(int from, int to) {
            return new Operand(form == Form.PLAIN ? matrix.columns(from, to) : matrix.rows(from, to), form);
        }
    }

    /** OpenBLAS where it loads, else our own; which one is said in the log. */
    static Products best() {
        try {
            return new BlasProducts(OpenBlas.instance());
        } catch (OpenBlas.NotLoadedException e) {
            Logger log = System.getLogger(Products.class.getName());
            log.log(Level.WARNING, "OpenBLAS does not load here, products run on the Vector API: {0}", e.getMessage());
            return new LaneProducts();
        }
    }
}
