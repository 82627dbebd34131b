package dev.quipforge.llm.transformer;

import dev.quipforge.llm.architecture.RouterSpec;
import dev.quipforge.llm.architecture.RouterSpec.Scoring;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Chooses experts by their scores, and takes gradients with respect to the weights of the chosen back to the scores. In double
 * precision, on the host: a token has a few hundred scores.
 */
final class Router {

    /** What keeps a sum of probabilities from zero. */
    private static final double TINY = 1e-20;

    private final RouterSpec spec;
    private final float[] correction;

    /**
     * @param spec how to choose
     * @param correction what is added to probabilities when experts are chosen; zeros for nothing
     */
    Router(RouterSpec spec, float[] correction) {
        this.spec = spec;
        this.correction = correction;
    }

    /** Of every token, by its scores [tokens][experts]. */
    Routing.Choices choose(float[][] scores) {
        int[][] experts = new int[scores.length][];
        float[][] weights = new float[scores.length][];
        IntStream.range(0, scores.length).parallel().forEach(token -> {
            double[] probabilities = probabilities(scores[token]);
            experts[token] = chosen(probabilities);
            weights[token] = weights(probabilities, experts[token]);
        });
        return new Routing.Choices(experts, weights);
    }

    private double[] probabilities(float[] scores) {
        double[] probabilities = new double[scores.length];
        if (spec.scoring() == Scoring.SIGMOID) {
            Arrays.setAll(probabilities, i -> 1 / (1 + Math.exp(-scores[i])));
            return probabilities;
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (float score : scores) {
            largest = Math.max(largest, score);
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            probabilities[i] = Math.exp(scores[i] - largest);
            sum += probabilities[i];
        }
        for (int i = 0; i < scores.length; i++) {
            probabilities[i] /= sum;
        }
        return probabilities;
    }

    /** The chosen experts, ascending. */
    private int[] chosen(double[] probabilities) {
        double[] candidates = probabilities.clone();
        Arrays.setAll(candidates, i -> candidates[i] + correction[i]);
        RouterSpec.Choice choice = spec.choice();
        if (choice.groups() > 1) {
            leaveGroups(candidates, choice);
        }
        int[] chosen = largest(candidates, choice.experts());
        Arrays.sort(chosen);
        return chosen;
    }

    /** Experts outside of the best groups become candidates of value 0, as in the published program. */
    private static void leaveGroups(double[] candidates, RouterSpec.Choice choice) {
        int size = candidates.length / choice.groups();
        double[] sums = new double[choice.groups()];
        for (int group = 0; group < sums.length; group++) {
            double[] ofGroup = Arrays.copyOfRange(candidates, group * size, (group + 1) * size);
            Arrays.sort(ofGroup);
            sums[group] = ofGroup[size - 1] + (size > 1 ? ofGroup[size - 2] : 0);
        }
        int[] best = largest(sums, choice.chosenGroups());
        for (int i = 0; i < candidates.length; i++) {
            int group = i / size;
            if (Arrays.stream(best).noneMatch(kept -> kept == group)) {
                candidates[i] = 0;
            }
        }
    }

    /** The indices of the largest values, the first of equals. */
    private static int[] largest(double[] values, int count) {
        double[] left = values.clone();
        int[] indices = new int[count];
        for (int k = 0; k < count; k++) {
            int best = 0;
            for (int i = 1; i < left.length; i++) {
                if (left[i] > left[best]) {
                    best = i;
                }
            }
            indices[k] = best;
            left[best] = Double.NEGATIVE_INFINITY;
        }
        return indices;
    }

    private float[] weights(double[] probabilities, int[] chosen) {
        double divisor = spec.normalized() ? sum(probabilities, chosen) : 1;
        float[] weights = new float[chosen.length];
        for (int j = 0; j < chosen.length; j++) {
            weights[j] = (float) (spec.scale() * probabilities[chosen[j]] / divisor);
        }
        return weights;
    }

    private static double sum(double[] probabilities, int[] chosen) {
        return TINY + Arrays.stream(chosen).mapToDouble(i -> probabilities[i]).sum();
    }

    /**
     * The gradient with respect to the scores of a token.
     *
     * @param scores of the token
     * @param chosen its experts
     * @param gradient with respect to their weights
     */
    float[] back(float[] scores, int[] chosen, float[] gradient) {
        double[] probabilities = probabilities(scores);
        double divisor = spec.normalized() ? sum(probabilities, chosen) : 1;
        double mean = 0;
        for (int j = 0; j < chosen.length; j++) {
            mean += gradient[j] * probabilities[chosen[j]] / divisor;
        }
        double[] ofProbabilities = new double[scores.length];
        for (int j = 0; j < chosen.length; j++) {
            ofProbabilities[chosen[j]] = spec.scale() * (gradient[j] - (spec.normalized() ? mean : 0)) / divisor;
        }
        return ofScores(probabilities, ofProbabilities);
    }

    private float[] ofScores(double[] probabilities, double[] gradient) {
        float[] result = new float[probabilities.length];
        double mean = 0;
        for (int i = 0; i < result.length; i++) {
            mean += probabilities[i] * gradient[i];
        }
        for (int i = 0; i < result.length; i++) {
            double slope =
                    spec.scoring() == Scoring.SIGMOID ? gradient[i] * (1 - probabilities[i]) : gradient[i] - mean;
            result[i] = (float) (probabilities[i] * slope);
        }
        return result;
    }
}
