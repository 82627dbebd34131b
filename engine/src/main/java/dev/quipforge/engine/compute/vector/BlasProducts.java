package dev.quipforge.engine.compute.vector;

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
        library.multiply(alpha, a, b, beta, c);
    }
}
