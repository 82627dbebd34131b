package dev.quipforge.llm.architecture;

import java.util.List;

/** How the frequencies of a rotary embedding are stretched for texts longer than those of its training. */
public sealed interface RotaryScaling {

    /** The base of the frequencies, of a text of {@code length} tokens, where {@code width} columns turn. */
    default double base(double theta, int width, int length) {
        return theta;
    }

    /**
     * One frequency, stretched.
     *
     * @param frequency base^(−2i/width)
     * @param index i
     * @param base of the frequencies
     * @param length tokens of the text
     */
    double scaled(double frequency, int index, double base, int length);

    /** What queries and keys are multiplied by. */
    default double amplitude() {
        return 1;
    }

    /** A number that is equal for lengths with equal frequencies. */
    default int variant(int length) {
        return 0;
    }

    /** None. */
    record Unscaled() implements RotaryScaling {

        @Override
        public double scaled(double frequency, int index, double base, int length) {
            return frequency;
        }
    }

    /** Every frequency divided by {@code factor}. */
    record Linear(double factor) implements RotaryScaling {

        @Override
        public double scaled(double frequency, int index, double base, int length) {
            return frequency / factor;
        }
    }

    /**
     * The scaling of Llama 3.1: wavelengths above {@code context / lowFactor} are stretched by {@code factor}, those below
     * {@code context / highFactor} are kept, those between are interpolated.
     */
    record Llama3(double factor, double lowFactor, double highFactor, int context) implements RotaryScaling {

        @Override
        public double scaled(double frequency, int index, double base, int length) {
            double turns = context * frequency / (2 * Math.PI);
            double kept = Math.clamp((turns - lowFactor) / (highFactor - lowFactor), 0, 1);
            return kept * frequency + (1 - kept) * frequency / factor;
        }
    }

    /** The base grows with texts of more than {@code context} tokens (NTK-aware scaling, dynamic). */
    record Dynamic(double factor, int context) implements RotaryScaling {

        @Override
        public double base(double theta, int width, int length) {
            double stretched = factor * Math.max(length, context) / context - (factor - 1);
            return theta * Math.pow(stretched, (double) width / (width - 2));
        }

        @Override
        public double scaled(double frequency, int index, double base, int length) {
            return frequency;
        }

        @Override
        public int variant(int length) {
            return Math.max(length, context);
        }
    }

    /**
     * YaRN (Peng et al. 2023, section 3.2): pairs that turn more than {@code fast} times within {@code context} tokens are kept,
     * those that turn less than {@code slow} times are stretched by {@code factor}, those between are interpolated.
     *
     * @param factor of the stretching
     * @param fast turns, above which frequencies are kept
     * @param slow turns, below which they are stretched
     * @param context tokens of the texts of the training
     * @param width columns that turn
     * @param truncated whether the bounds are rounded to whole pairs
     * @param amplitude what queries and keys are multiplied by
     */
    record Yarn(double factor, double fast, double slow, int context, int width, boolean truncated, double amplitude)
            implements RotaryScaling {

        @Override
        public double scaled(double frequency, int index, double base, int length) {
            double from = pair(fast, base);
            double to = pair(slow, base);
            double low = Math.max(truncated ? Math.floor(from) : from, 0);
            double high = Math.min(truncated ? Math.ceil(to) : to, width - 1.0);
            double stretched = Math.clamp((index - low) / (high == low ? 0.001 : high - low), 0, 1);
            return stretched * frequency / factor + (1 - stretched) * frequency;
        }

        /** The pair that turns so often. */
        private double pair(double turns, double base) {
            return width * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
        }

        /** 0.1 · weight · ln factor + 1: what YaRN multiplies scores by, in one of its two operands. */
        public static double magnitude(double factor, double weight) {
            return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
        }
    }

    /**
     * LongRoPE: a divisor for every pair, other ones for texts of more than {@code context} tokens.
     *
     * @param shortDivisors of texts of at most {@code context} tokens
     * @param longDivisors of longer ones
     * @param context tokens of the texts of the training
     * @param amplitude what queries and keys are multiplied by
     */
    record LongRope(List<Double> shortDivisors, List<Double> longDivisors, int context, double amplitude)
            implements RotaryScaling {

        public LongRope {
            shortDivisors = List.copyOf(shortDivisors);
            longDivisors = List.copyOf(longDivisors);
        }

        @Override
        public double scaled(double frequency, int index, double base, int length) {
            return frequency / (length > context ? longDivisors : shortDivisors).get(index);
        }

        @Override
        public int variant(int length) {
            return length > context ? 1 : 0;
        }
    }
}
