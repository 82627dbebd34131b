package dev.quipforge.engine.compute;

/**
 * One step of Adam (Kingma and Ba, algorithm 1), without weight decay.
 *
 * @param rate learning rate
 * @param beta1 decay of the mean of gradients, in [0, 1)
 * @param beta2 decay of the mean of their squares, in [0, 1)
 * @param epsilon added to the root of the second mean, above 0
 * @param number the steps taken with this one, from 1; both means are corrected for having begun at zero
 */
public record AdamStep(float rate, float beta1, float beta2, float epsilon, int number) {

    public AdamStep {
        if (!(rate >= 0) || !(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1) || !(epsilon > 0) || number < 1) {
            throw new IllegalArgumentException(
                    "Adam: rate " + rate + ", betas " + beta1 + " and " + beta2 + ", epsilon "
                            + epsilon + ", step " + number
                            + " (expected: rate at least 0, betas in [0, 1), epsilon above 0, step at least 1)");
        }
    }

    /** The step with the usual decays 0.9 and 0.999 and epsilon 10⁻⁸. */
    public static AdamStep usual(float rate, int number) {
        return new AdamStep(rate, 0.9f, 0.999f, 1e-8f, number);
    }

    /** 1 / (1 − beta1^number): the running mean of gradients times this is unbiased. */
    public double meanCorrection() {
        return 1 / (1 - Math.pow(beta1, number));
    }

    /** 1 / (1 − beta2^number): the running mean of squares times this is unbiased. */
    public double squareCorrection() {
        return 1 / (1 - Math.pow(beta2, number));
    }
}
