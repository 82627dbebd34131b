package dev.quipforge.engine.trellis;

/**
 * How the encoder finds the bits that the two ends of a tail-biting sequence share: a first pass without constraint, over
 * some steps on each side of the seam, gives the state at the seam (QTIP, algorithm 4).
 */
public enum TailBiting {
    /** The first pass runs over the whole sequence, rotated by half its length. */
    EXACT("exact"),
    /** The first pass runs over a window around the seam only: the same error within 1 %, in less time. */
    SEAM("seam");

    /** How many times L bits the window of {@link #SEAM} holds on each side. */
    private static final int WINDOW = 10;

    private final String key;

    TailBiting(String key) {
        this.key = key;
    }

    /** The name in recipes and checkpoints. */
    public String key() {
        return key;
    }

    /** Steps before the seam that the first pass runs over, at most half of {@code steps}. */
    public int before(Trellis trellis, int steps) {
        return switch (this) {
            case EXACT -> steps / 2;
            case SEAM -> Math.min(steps / 2, window(trellis));
        };
    }

    /** Steps from the seam on that the first pass runs over. */
    public int after(Trellis trellis, int steps) {
        return switch (this) {
            case EXACT -> steps - steps / 2;
            case SEAM -> Math.min(steps - steps / 2, window(trellis));
        };
    }

    private static int window(Trellis trellis) {
        return WINDOW * Math.ceilDiv(trellis.stateBits(), trellis.stepBits());
    }
}
