package dev.quipforge.llm.calibration;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.generation.SelfGeneration;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.transformer.Decoder;

/** Where the windows of a calibration come from. */
public sealed interface CalibrationSource {

    /** What is written in place of a text's name to have the model write the windows itself. */
    String SELF_GENERATED = "self-generated";

    /**
     * The windows.
     *
     * @param backend where a model computes that writes them itself
     * @param model the original
     * @param progress hears how it goes
     * @throws InvalidModelException when they cannot be had, saying why
     */
    CalibrationWindows windows(ComputeBackend backend, ModelDirectory model, Progress progress);

    /**
     * A text.
     *
     * @param text the text
     * @param samples windows to take, at most
     * @param context tokens of one window
     */
    record Text(String text, int samples, int context) implements CalibrationSource {

        @Override
        public CalibrationWindows windows(ComputeBackend backend, ModelDirectory model, Progress progress) {
            return CalibrationWindows.cut(model.tokenizer(), text, samples, context);
        }
    }

    /**
     * The original model, which writes as many windows as are asked for.
     *
     * @param seed decides every token
     * @param samples windows to write
     * @param context tokens of one window
     */
    record SelfGenerated(long seed, int samples, int context) implements CalibrationSource {

        @Override
        public CalibrationWindows windows(ComputeBackend backend, ModelDirectory model, Progress progress) {
            try (Decoder original = Decoder.load(backend, model, progress.part(0, 0.1))) {
                SelfGeneration generation =
                        new SelfGeneration(original, model.tokenizer().prefix(), seed);
                return new CalibrationWindows(context, generation.windows(samples, context, progress.part(0.1, 1)));
            }
        }
    }
}
