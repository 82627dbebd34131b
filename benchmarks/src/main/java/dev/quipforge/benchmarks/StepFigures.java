package dev.quipforge.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one step of the work took.
 *
 * @param step its name
 * @param seconds all of its time
 * @param expertSeconds the part of it that grows with the number of experts
 * @param encoderSeconds the part of it in the encoder, where it encodes
 * @param peaks the most memory in use
 * @param diskBytes of the files that it made and left
 */
record StepFigures(
        Step step,
        double seconds,
        double expertSeconds,
        Optional<Double> encoderSeconds,
        MemoryPeaks.Seen peaks,
        long diskBytes) {

    /** The steps, in order. */
    enum Step {
        /** All windows go through a block, and the sums of its inputs are written. */
        CALIBRATION("calibration"),
        /** Sums become Hessians. */
        REDUCTION("reduction"),
        /** All linears of a block are quantized. */
        QUANTIZATION("quantization"),
        /** A block is tuned once, after the first of its groups, when most of it is dense. */
        TUNING("tuning"),
        /** All windows go through a block of the original and one of the quantized model. */
        EVALUATION("evaluation"),
        /** The checkpoint is written. */
        ASSEMBLY("assembly"),
        /** Both models, embeddings and heads included, are compared. */
        COMPARISON("comparison"),
        /** The whole made model is tuned for a few steps. */
        END_TO_END("end-to-end tuning");

        private final String key;

        Step(String key) {
            this.key = key;
        }

        /** Its name in reports. */
        String key() {
            return key;
        }
    }

    /** Time with another number of experts: {@code factor} times as many. */
    double seconds(double factor) {
        return seconds - expertSeconds + factor * expertSeconds;
    }

    /** As a row of a report; {@code what} says what it was measured on. */
    Map<String, Object> row(String what) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("step", step.key);
        row.put("of", what);
        row.put("seconds", seconds);
        row.put("encoderSeconds", encoderSeconds);
        row.put("deviceBytes", peaks.device());
        row.put("heapBytes", peaks.heap());
        row.put("residentBytes", peaks.resident());
        row.put("diskBytes", diskBytes);
        return row;
    }
}
