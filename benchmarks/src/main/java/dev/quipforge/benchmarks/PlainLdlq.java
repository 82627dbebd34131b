package dev.quipforge.benchmarks;

import java.util.function.DoubleUnaryOperator;

/** The yardstick of the rounding with feedback: Cholesky and LDLQ in plain loops on one thread (QuIP, section 3.1). */
final class PlainLdlq {

    private PlainLdlq() {}

    /**
     * H = L · D · Lᵀ with ones on the diagonal of L, through Cholesky.
     *
     * @param hessian H, [n][n], symmetric positive definite; its lower triangle becomes L − I, the rest zero
     */
    static void factor(float[][] hessian) {
        int order = hessian.length;
        for (int i = 0; i < order; i++) {
            float[] row = hessian[i];
            for (int j = 0; j < i; j++) {
                row[j] = (row[j] - dot(row, hessian[j], j)) / hessian[j][j];
            }
            row[i] = (float) Math.sqrt(row[i] - dot(row, row, i));
        }
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < i; j++) {
                hessian[i][j] /= hessian[j][j];
            }
        }
        for (int i = 0; i < order; i++) {
            for (int j = i; j < order; j++) {
                hessian[i][j] = 0;
            }
        }
    }

    private static float dot(float[] a, float[] b, int length) {
        float sum = 0;
        for (int k = 0; k < length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    /**
     * Rounds all columns from the last to the first, each after the feedback of the errors behind it.
     *
     * @param weights W, [m][n]; becomes the errors
     * @param feedback the transpose of L − I, so that what one column feeds on lies in a row
     * @param rounding rounds one weight
     */
    static void round(float[][] weights, float[][] feedback, DoubleUnaryOperator rounding) {
        int columns = feedback.length;
        for (float[] row : weights) {
            for (int j = columns - 1; j >= 0; j--) {
                float target = row[j];
                for (int k = j + 1; k < columns; k++) {
                    target += row[k] * feedback[j][k];
                }
                row[j] -= (float) rounding.applyAsDouble(target);
            }
        }
    }
}
