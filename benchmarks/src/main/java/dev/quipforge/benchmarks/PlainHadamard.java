package dev.quipforge.benchmarks;

import dev.quipforge.engine.hadamard.Hadamard;

/** The yardstick of the Hadamard transform: one vector at a time, butterflies and the small matrix in plain loops. */
final class PlainHadamard {

    private final int outer;
    private final int inner;
    private final float[][] small;
    private final float[] column;

    PlainHadamard(Hadamard transform) {
        this.outer = transform.outer();
        this.inner = transform.inner();
        this.small = new float[outer][outer];
        this.column = new float[outer];
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < outer; j++) {
                small[i][j] = transform.sign(i * inner, j * inner);
            }
        }
    }

    /** {@code vector} becomes U · vector. */
    void transform(float[] vector) {
        for (int half = 1; half < inner; half *= 2) {
            for (int first = 0; first < vector.length; first += 2 * half) {
                for (int i = first; i < first + half; i++) {
                    float a = vector[i];
                    float b = vector[i + half];
                    vector[i] = a + b;
                    vector[i + half] = a - b;
                }
            }
        }
        float scale = (float) (1 / Math.sqrt(vector.length));
        for (int i = 0; i < inner; i++) {
            for (int k = 0; k < outer; k++) {
                column[k] = vector[k * inner + i] * scale;
            }
            for (int k = 0; k < outer; k++) {
                float sum = 0;
                for (int l = 0; l < outer; l++) {
                    sum += small[k][l] * column[l];
                }
                vector[k * inner + i] = sum;
            }
        }
    }
}
