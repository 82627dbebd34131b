package dev.quipforge.engine.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;

/**
 * The generator of one tensor: SplitMix64 started from the SHA-256 of the job's seed and the tensor's name. It is written
 * out here so that no release of Java can change the draws; streams of different names are independent, so the order in
 * which tensors are worked on does not matter.
 */
public final class TensorRandom implements RandomGenerator {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private TensorRandom(long state) {
        this.state = state;
    }

    /** The generator of {@code name} in a job with {@code seed}. */
    public static TensorRandom of(long seed, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] message = ByteBuffer.allocate(Long.BYTES + text.length)
                .putLong(seed)
                .put(text)
                .array();
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(message);
            return new TensorRandom(ByteBuffer.wrap(digest).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public long nextLong() {
        state += GOLDEN_GAMMA;
        long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** A draw of N(0, 1) by Marsaglia's polar method in strict arithmetic. */
    @Override
    public double nextGaussian() {
        while (true) {
            double u = 2 * nextDouble() - 1;
            double v = 2 * nextDouble() - 1;
            double square = u * u + v * v;
            if (square > 0 && square < 1) {
                return u * StrictMath.sqrt(-2 * StrictMath.log(square) / square);
            }
        }
    }

    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }
}
