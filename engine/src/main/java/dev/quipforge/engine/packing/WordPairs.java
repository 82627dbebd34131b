package dev.quipforge.engine.packing;

/**
 * Words of 16 bits, two to an integer, the first in its low half: on a little-endian machine the memory of the integers is
 * that of the words.
 */
public final class WordPairs {

    private WordPairs() {}

    /**
     * Joins words.
     *
     * @param words an even number of them
     */
    public static int[] join(short[] words) {
        if (words.length % 2 != 0) {
            throw new IllegalArgumentException("words: " + words.length + " (expected: an even number)");
        }
        int[] joined = new int[words.length / 2];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = Short.toUnsignedInt(words[2 * i]) | words[2 * i + 1] << Short.SIZE;
        }
        return joined;
    }

    /** The words that {@link #join} joined. */
    public static short[] words(int[] joined) {
        short[] words = new short[2 * joined.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = (short) (joined[i / 2] >>> (Short.SIZE * (i % 2)));
        }
        return words;
    }
}
