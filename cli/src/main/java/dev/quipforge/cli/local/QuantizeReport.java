package dev.quipforge.cli.local;

import dev.quipforge.cli.terminal.SizeText;
import dev.quipforge.cli.terminal.Text;
import dev.quipforge.llm.checkpoint.ModelFigures;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningSchedule;
import dev.quipforge.llm.pipeline.LocalQuantization;
import dev.quipforge.llm.quantization.IncoherenceReport;
import dev.quipforge.llm.quantization.LinearReport;
import dev.quipforge.llm.tuning.TuningReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code quantize} prints; the names are those of a job's report.
 *
 * @param out the checkpoint
 * @param recipe how it was quantized
 * @param tuning what was tuned afterwards; null for nothing
 * @param bytes sizes of the weights, and what the linears are of them
 * @param bitsPerWeight stored bits per weight of the quantized linears
 * @param bitsPerParameter stored bits of the whole model, embedding, head and norms included, per parameter of the original
 * @param proxyLoss relative proxy loss
 * @param seconds time of every stage, and {@code total}
 * @param encodeWeightsPerSecond weights per second of the time in the encoder
 * @param peakMemoryBytes the most memory this process had resident
 */
record QuantizeReport(
        String out,
        Recipe recipe,
        @Nullable Tuning tuning,
        Bytes bytes,
        double bitsPerWeight,
        double bitsPerParameter,
        ProxyLoss proxyLoss,
        Map<String, Double> seconds,
        double encodeWeightsPerSecond,
        long peakMemoryBytes) {

    /** The settings of all groups, and what is different for some, by path or glob; null for nothing. */
    record Recipe(
            String method,
            String code,
            int bits,
            String tailBiting,
            String rounding,
            String transform,
            int passes,
            long seed,
            @Nullable Map<String, OverrideOptions.CodeChoice> overrides) {

        static Recipe of(QuantizationScheme scheme) {
            QuantizationNames names = QuantizationNames.of(scheme.standard());
            Map<String, OverrideOptions.CodeChoice> others = new LinkedHashMap<>();
            scheme.overrides()
                    .forEach((groups, own) -> others.put(
                            groups, new OverrideOptions.CodeChoice(own.code().key(), own.bits())));
            return new Recipe(
                    names.method(),
                    names.code(),
                    names.bits(),
                    names.tailBiting(),
                    names.rounding(),
                    names.transform(),
                    names.passes(),
                    names.seed(),
                    others.isEmpty() ? null : others);
        }
    }

    /** Sizes of the weights: before, after, and of these the linears in the blocks, and embedding, head and norms. */
    record Bytes(long original, long quantized, long linears, long others) {

        static Bytes of(ModelFigures figures, long linears) {
            return new Bytes(
                    figures.originalBytes(), figures.quantizedBytes(), linears, figures.quantizedBytes() - linears);
        }
    }

    /** Relative proxy loss: its mean, and that of every linear. */
    record ProxyLoss(double mean, List<Linear> linears) {}

    /**
     * What was tuned.
     *
     * @param mode {@code blocks} or {@code blocks+end-to-end}
     * @param settings how
     * @param trainings one a group of a block, and one of the model
     */
    record Tuning(String mode, Settings settings, List<TuningReport> trainings) {

        /** The schedules of both kinds, the part of the windows that decided, the epochs of patience. */
        record Settings(TuningSchedule blocks, TuningSchedule endToEnd, double validation, int patience) {}

        static @Nullable Tuning of(TuningConfig config, List<TuningReport> trainings) {
            if (!config.mode().blocks()) {
                return null;
            }
            Settings settings =
                    new Settings(config.blocks(), config.endToEnd(), config.validation(), config.patience());
            return new Tuning(config.mode().key(), settings, trainings);
        }

        /** For people: the losses of the last training of every block, and of the model. */
        List<String> lines() {
            Map<String, TuningReport> last = new LinkedHashMap<>();
            trainings.forEach(training -> last.put(training.name().replaceAll("/.*", ""), training));
            return last.entrySet().stream()
                    .map(entry -> line(entry.getKey(), entry.getValue()))
                    .toList();
        }

        private static String line(String name, TuningReport training) {
            return "%-21s loss %s → %s in %s"
                    .formatted(
                            "tuned " + name,
                            Text.number(training.lossBefore(), 6),
                            Text.number(training.lossAfter(), 6),
                            Text.duration(training.seconds()));
        }
    }

    /** One linear. */
    record Linear(
            String name,
            double proxyLoss,
            LinearReport.Calibration calibration,
            IncoherenceReport incoherence,
            @Nullable String kept) {}

    static QuantizeReport of(
            QuantizationScheme scheme, TuningConfig tuning, LocalQuantization.Result result, long peakMemoryBytes) {
        ModelFigures figures = result.figures();
        ModelFigures.Linears stored = figures.linears().orElseThrow();
        List<Linear> linears = result.groups().stream()
                .flatMap(group -> group.linears().stream())
                .map(linear -> new Linear(
                        linear.name(), linear.proxyLoss(), linear.calibration(), linear.incoherence(), linear.kept()))
                .toList();
        return new QuantizeReport(
                result.output().toString(),
                Recipe.of(scheme),
                Tuning.of(tuning, result.tunings()),
                Bytes.of(figures, stored.bytes()),
                figures.bitsPerWeight(),
                stored.bitsPerParameter(figures.quantizedBytes()),
                new ProxyLoss(figures.meanProxyLoss(), linears),
                seconds(result),
                result.encodeWeightsPerSecond(),
                peakMemoryBytes);
    }

    /** For people. */
    String text() {
        List<String> lines = new ArrayList<>(List.of(
                "the model is in " + out,
                "size of the weights   " + Text.bytes(bytes.original()) + " → " + Text.bytes(bytes.quantized()),
                "of these              " + SizeText.parts(bytes.linears(), bytes.others()),
                "bits per weight       " + SizeText.bits(bitsPerWeight, bitsPerParameter),
                "mean proxy loss       " + Text.number(proxyLoss.mean(), 5),
                "encoding              " + Math.round(encodeWeightsPerSecond) + " weights/s",
                "peak memory           " + Text.bytes(peakMemoryBytes),
                "time                  " + Text.duration(seconds.getOrDefault("total", 0.0))));
        if (tuning != null) {
            lines.addAll(tuning.lines());
        }
        return String.join(System.lineSeparator(), lines);
    }

    /** Of every stage that took any. */
    private static Map<String, Double> seconds(LocalQuantization.Result result) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (LocalQuantization.Stage stage : LocalQuantization.Stage.values()) {
            Double time = result.seconds().get(stage);
            if (time != null) {
                seconds.put(stage.name().toLowerCase(Locale.ROOT), time);
            }
        }
        seconds.put(
                "total",
                seconds.values().stream().mapToDouble(Double::doubleValue).sum());
        return seconds;
    }
}
