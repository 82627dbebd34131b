package dev.quipforge.engine.trellis;

/** How the encoder finds the bits that the two ends of a tail-biting sequence share. */
public enum TailBiting {
    /** A first full pass over the sequence rotated by half its length (QTIP, algorithm 4). */
    EXACT,
    /** A first pass over a window around the seam only: the same error within 1 %, in less time. */
    SEAM
}
