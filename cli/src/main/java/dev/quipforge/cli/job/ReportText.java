package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.SizeText;
import dev.quipforge.cli.terminal.Text;
import dev.quipforge.llm.calibration.CalibrationSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The report of a job as a table for people. */
public final class ReportText {

    private static final int LABEL = 22;
    private static final int DIGITS = 4;

    private ReportText() {}

    /** The table of a report as the job API gives it. */
    public static String of(JsonNode report) {
        List<String> lines = new ArrayList<>();
        JsonNode recipe = report.path("recipe");
        lines.add(line(
                "recipe",
                "%s %s, %s bits, seed %s%s%s"
                        .formatted(
                                recipe.path("method").asString(""),
                                recipe.path("code").asString(""),
                                recipe.path("bits").asString(""),
                                recipe.path("seed").asString("0"),
                                calibrated(recipe.path("calibration")),
                                tuned(recipe.path("tuning")))));
        JsonNode perplexity = report.path("perplexity");
        if (perplexity.path("original").isNumber()) {
            lines.add(line("perplexity", change(perplexity, 2) + specialTokens(perplexity)));
            lines.add(line("KL divergence", number(report.path("klDivergence").path("mean"), 4) + " nats"));
            lines.add(line(
                    "top-1 agreement", Text.percent(report.path("topAgreement").asDouble(0))));
        }
        JsonNode bytes = report.path("bytes");
        lines.add(line(
                "size of the weights",
                Text.bytes(bytes.path("original").asLong(0)) + " → "
                        + Text.bytes(bytes.path("quantized").asLong(0))));
        lines.add(line(
                "of these",
                SizeText.parts(
                        bytes.path("linears").asLong(0), bytes.path("others").asLong(0))));
        lines.add(line(
                "bits per weight",
                SizeText.bits(
                        report.path("bitsPerWeight").asDouble(0),
                        report.path("bitsPerParameter").asDouble(0))));
        lines.add(line("mean proxy loss", number(report.path("proxyLoss").path("mean"), 5)));
        addExperts(report.path("experts"), lines);
        addTuning(report.path("tuning"), lines);
        lines.add(line("encoding", number(report.path("encodeWeightsPerSecond"), 0) + " weights/s"));
        lines.add(line("time", seconds(report.path("seconds"))));
        return String.join(System.lineSeparator(), lines);
    }

    private static String specialTokens(JsonNode perplexity) {
        int count = perplexity.path("specialTokens").asInt(0);
        return count == 0 ? "" : ", special tokens before each window: " + count;
    }

    private static String calibrated(JsonNode calibration) {
        return calibration.path("source").asString("").equals(CalibrationSource.SELF_GENERATED)
                ? ", calibration: " + CalibrationSource.SELF_GENERATED
                : "";
    }

    private static String tuned(JsonNode tuning) {
        return tuning.isObject()
                ? ", tuned: %s (%s)"
                        .formatted(
                                tuning.path("mode").asString(""),
                                tuning.path("preset").asString(""))
                : "";
    }

    /** How many calibration tokens reached an expert, and which saw none. */
    private static void addExperts(JsonNode blocks, List<String> lines) {
        if (!blocks.isArray()) {
            return;
        }
        int experts = 0;
        int filledUp = 0;
        long least = Long.MAX_VALUE;
        long most = 0;
        List<String> unseen = new ArrayList<>();
        for (JsonNode block : blocks) {
            experts += block.path("experts").asInt(0);
            filledUp += block.path("filledUp").asInt(0);
            least = Math.min(least, block.path("tokens").path("least").asLong(0));
            most = Math.max(most, block.path("tokens").path("most").asLong(0));
            block.path("unseen")
                    .forEach(expert -> unseen.add(block.path("block").asString("") + "/" + expert.asString("")));
        }
        lines.add(line("experts", "%d in %d blocks, %d filled up".formatted(experts, blocks.size(), filledUp)));
        lines.add(line("tokens of an expert", "%d to %d".formatted(least, most)));
        if (!unseen.isEmpty()) {
            lines.add(line("saw none", "block/expert " + String.join(", ", unseen)));
        }
    }

    /** The loss of every block after its last training, and of the model: before that training, after it, and how it went. */
    private static void addTuning(JsonNode tuning, List<String> lines) {
        Map<String, JsonNode> last = new LinkedHashMap<>();
        for (JsonNode block : tuning.path("blocks")) {
            last.put("loss of block " + block.path("block").asString(""), block.path("training"));
        }
        if (tuning.has("model")) {
            last.put("loss of the model", tuning.path("model"));
        }
        last.forEach((name, training) -> lines.add(line(name, training(training))));
    }

    private static String training(JsonNode training) {
        List<Double> course = new ArrayList<>();
        course.add(training.path("lossBefore").asDouble(0));
        training.path("curve").forEach(loss -> course.add(loss.asDouble(0)));
        return "%s → %s  %s"
                .formatted(
                        Text.significant(course.getFirst(), DIGITS),
                        Text.significant(training.path("lossAfter").asDouble(0), DIGITS),
                        Text.curve(course));
    }

    private static String seconds(JsonNode seconds) {
        String stages = seconds.propertyStream()
                .filter(stage -> !stage.getKey().equals("total"))
                .filter(stage -> stage.getValue().isNumber())
                .map(ReportText::stage)
                .collect(Collectors.joining(", "));
        return Text.duration(seconds.path("total").asDouble(0)) + " (" + stages + ")";
    }

    private static String stage(Map.Entry<String, JsonNode> stage) {
        return stage.getKey() + " " + Text.duration(stage.getValue().asDouble(0));
    }

    private static String change(JsonNode pair, int decimals) {
        return number(pair.path("original"), decimals) + " → " + number(pair.path("quantized"), decimals);
    }

    private static String number(JsonNode value, int decimals) {
        return value.isNumber() ? Text.number(value.asDouble(), decimals) : "-";
    }

    private static String line(String label, String value) {
        return Text.column(label, LABEL) + value;
    }
}
