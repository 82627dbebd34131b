package dev.quipforge.engine.trellis;

/**
 * A bitshift trellis with its code: 2^L states, K · V new bits a step, V values a state (QTIP, section 3).
 *
 * @param code the name of the code, such as {@code 3inst}
 * @param stateBits L
 * @param bits K, bits per weight
 * @param values V, weights per step
 */
public record Trellis(String code, int stateBits, int bits, int values) {}
