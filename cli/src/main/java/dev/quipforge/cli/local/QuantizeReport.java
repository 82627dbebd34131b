package dev.quipforge.cli.local;

import dev.quipforge.cli.terminal.Text;
import dev.quipforge.llm.checkpoint.ModelFigures;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.pipeline.LocalQuantization;
import dev.quipforge.llm.quantization.IncoherenceReport;
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
 * @param bytes sizes of the weights
 * @param bitsPerWeight stored bits per weight of the quantized linears
 * @param proxyLoss relative proxy loss
 * @param seconds time of every stage, and {@code total}
 * @param encodeWeightsPerSecond weights per second of the time in the encoder
 * @param peakMemoryBytes the most memory this process had resident
 */
record QuantizeReport(
        String out,
        QuantizationConfig recipe,
        Bytes bytes,
        double bitsPerWeight,
        ProxyLoss proxyLoss,
        Map<String, Double> seconds,
        double encodeWeightsPerSecond,
        long peakMemoryBytes) {

    /** Sizes of the weights. */
    record Bytes(long original, long quantized) {}

    /** Relative proxy loss: its mean, and that of every linear. */
    record ProxyLoss(double mean, List<Linear> linears) {}

    /** One linear. */
    record Linear(
            String name,
            double proxyLoss,
            IncoherenceReport incoherence,
            @Nullable String kept) {}

    static QuantizeReport of(QuantizationConfig settings, LocalQuantization.Result result, long peakMemoryBytes) {
        ModelFigures figures = result.figures();
        List<Linear> linears = result.groups().stream()
                .flatMap(group -> group.linears().stream())
                .map(linear -> new Linear(linear.name(), linear.proxyLoss(), linear.incoherence(), linear.kept()))
                .toList();
        return new QuantizeReport(
                result.output().toString(),
                settings,
                new Bytes(figures.originalBytes(), figures.quantizedBytes()),
                figures.bitsPerWeight(),
                new ProxyLoss(figures.meanProxyLoss(), linears),
                seconds(result),
                result.encodeWeightsPerSecond(),
                peakMemoryBytes);
    }

    /** For people. */
    String text() {
        return String.join(
                System.lineSeparator(),
                "the model is in " + out,
                "size of the weights   " + Text.bytes(bytes.original()) + " → " + Text.bytes(bytes.quantized()),
                "bits per weight       " + Text.number(bitsPerWeight, 3),
                "mean proxy loss       " + Text.number(proxyLoss.mean(), 5),
                "encoding              " + Math.round(encodeWeightsPerSecond) + " weights/s",
                "peak memory           " + Text.bytes(peakMemoryBytes),
                "time                  " + Text.duration(seconds.getOrDefault("total", 0.0)));
    }

    private static Map<String, Double> seconds(LocalQuantization.Result result) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (LocalQuantization.Stage stage : LocalQuantization.Stage.values()) {
            seconds.put(stage.name().toLowerCase(Locale.ROOT), result.seconds().getOrDefault(stage, 0.0));
        }
        seconds.put(
                "total",
                seconds.values().stream().mapToDouble(Double::doubleValue).sum());
        return seconds;
    }
}
