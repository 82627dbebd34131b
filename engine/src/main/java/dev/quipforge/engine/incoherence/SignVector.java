package dev.quipforge.engine.incoherence;

import dev.quipforge.engine.random.TensorRandom;
import java.util.random.RandomGenerator;

/** Random sign vectors: the diagonal of ±1 that goes before a Hadamard transform. */
public final class SignVector {

    private SignVector() {}

    /**
     * Independent signs, ±1 with equal probability; the same for the same seed and name on any machine.
     *
     * @param seed seed of the job
     * @param name what the vector belongs to, such as {@code model.layers.0.self_attn.q_proj.SU}
     * @param length number of signs
     */
    public static float[] draw(long seed, String name, int length) {
        RandomGenerator random = TensorRandom.of(seed, name);
        float[] signs = new float[length];
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = i % Long.SIZE == 0 ? random.nextLong() : bits >>> 1;
            signs[i] = (bits & 1) == 0 ? 1 : -1;
        }
        return signs;
    }
}
