package dev.quipforge.engine.compute.vector.dense;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Products of small panels on the calling thread; {@link Panels} cuts whole products into them. */
public interface Products {

    /** One word or two for the description of the backend. */
    String description();

    /** How an operand enters the product. */
    enum Form {
        /** As it is stored. */
        PLAIN,
        /** Rows as columns. */
        TRANSPOSED
    }

    /** What becomes of the old content of the result. */
    enum Result {
        /** It is not read. */
        REPLACED,
        /** The product is added to it. */
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

    /**
     * A matrix with the form in which it enters a product.
     *
     * @param matrix as it is stored
     * @param form whether it is transposed first
     */
    record Operand(HostMatrix matrix, Form form) {

        /** The matrix itself. */
        public static Operand plain(HostMatrix matrix) {
            return new Operand(matrix, Form.PLAIN);
        }

        /** The transpose of the matrix, which is not copied for it. */
        public static Operand transposed(HostMatrix matrix) {
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
            return onLanes();
        }
    }

    /** Products on the Vector API, for platforms that OpenBLAS does not come with. */
    static Products onLanes() {
        return new LaneProducts();
    }
}
