package dev.quipforge.llm.sampling;

import dev.quipforge.engine.random.TensorRandom;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Draws tokens from logits: temperature, then the nucleus of probability top-p. */
public final class Sampler {

    private final Sampling sampling;
    private final RandomGenerator random;

    /**
     * Draws for one text.
     *
     * @param sampling how
     */
    public Sampler(Sampling sampling) {
        this(sampling, "sampling");
    }

    /** Draws of their own for every {@code name}. */
    public Sampler(Sampling sampling, String name) {
        this.sampling = sampling;
        this.random = TensorRandom.of(sampling.seed(), name);
    }

    /** The next token, from the logits of all tokens. */
    public int next(float[] logits) {
        int best = IntStream.range(0, logits.length)
                .reduce(0, (first, second) -> logits[second] > logits[first] ? second : first);
        return sampling.temperature() == 0 ? best : draw(logits, logits[best]);
    }

    private int draw(float[] logits, float largest) {
        double[] weights = new double[logits.length];
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((logits[i] - largest) / sampling.temperature());
            total += weights[i];
        }
        if (sampling.topP() == 1) {
            return at(weights, random.nextDouble() * total);
        }
        int[] order = candidates(weights, total);
        double nucleus = 0;
        int kept = 0;
        while (kept < order.length && nucleus < sampling.topP() * total) {
            nucleus += weights[order[kept++]];
        }
        double target = random.nextDouble() * nucleus;
        int at = 0;
        while (at < kept - 1 && target >= weights[order[at]]) {
            target -= weights[order[at++]];
        }
        return order[at];
    }

    /** The token in whose part of all weights {@code target} lies. */
    private static int at(double[] weights, double target) {
        double rest = target;
        int token = 0;
        while (token < weights.length - 1 && rest >= weights[token]) {
            rest -= weights[token++];
        }
        return token;
    }

    /** Tokens by falling weight, without those that are too improbable to be in the nucleus even all together. */
    private int[] candidates(double[] weights, double total) {
        double least = (1 - sampling.topP()) * total / weights.length;
        return IntStream.range(0, weights.length)
                .filter(i -> weights[i] > 0 && weights[i] >= least)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]).thenComparingInt(i -> i))
                .mapToInt(i -> i)
                .toArray();
    }
}
