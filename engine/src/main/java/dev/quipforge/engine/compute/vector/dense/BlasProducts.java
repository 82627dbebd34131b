package dev.quipforge.engine.compute.vector.dense;

import dev.quipforge.engine.compute.HostMatrix;

/** Products by OpenBLAS. */
final class BlasProducts implements Products {

    private final OpenBlas library;

    BlasProducts(OpenBlas library) {
        this.library = library;
    }

    @Override
    public String description() {
        return library.version();
    }

    @Override
    public void multiply(float alpha, Operand a, Operand b, HostMatrix c, Result result) {
        float beta = result == Result.ADDED_TO ? 1 : 0;
        // sgemv does not scale the result of an empty sum
        if (c.rows() == 1 && a.columns() > 0) {
            library.multiplyRow(alpha, a, b, beta, c);
        } else {
            library.multiply(alpha, a, b, beta, c);
        }
    }

    @Override
    public void eigenvectors(HostMatrix symmetric) {
        library.eigenvectors(symmetric);
        // they come as rows
        for (int i = 0; i < symmetric.rows(); i++) {
            for (int j = 0; j < i; j++) {
                float below = symmetric.get(i, j);
                symmetric.set(i, j, symmetric.get(j, i));
                symmetric.set(j, i, below);
            }
        }
    }
}
