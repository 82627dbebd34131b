package dev.quipforge.engine.trellis;

/** Sums of the bytes of a product, which are nearly Gaussian. */
final class ByteSums {

    private ByteSums() {}

    /** The sum of the four bytes of {@code product}, 0 to 1020. */
    static int ofAll(int product) {
        int pairs = ofPairs(product);
        return (pairs + (pairs >>> 16)) & 0xFFFF;
    }

    /** Bytes 0 and 1 added in the low half, bytes 2 and 3 in the high half. */
    static int ofPairs(int product) {
        return (product & 0x00FF00FF) + ((product >>> 8) & 0x00FF00FF);
    }

    /** Bytes {@code first} and {@code first} + 2 added, {@code first} 0 or 1. */
    static int ofAlternate(int product, int first) {
        int bytes = product >>> (Byte.SIZE * first);
        return (bytes & 0xFF) + ((bytes >>> 16) & 0xFF);
    }
}
