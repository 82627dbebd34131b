package dev.quipforge.llm.quantization;

import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.quantization.IncoherenceReport.Mu;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@link GroupReport} as JSON. */
final class ReportJson {

    private ReportJson() {}

    static GroupReport read(JsonFields fields) {
        return new GroupReport(
                (int) fields.integer("block", 0),
                fields.text("group"),
                fields.objects("linears").stream().map(ReportJson::linear).toList(),
                fields.number("encodeSeconds"));
    }

    private static LinearReport linear(JsonFields fields) {
        JsonFields incoherence = fields.object("incoherence");
        return new LinearReport(
                fields.text("name"),
                fields.integer("weights", 0),
                fields.integer("bits", 0),
                fields.number("proxyLoss"),
                calibration(fields.object("calibration")),
                new IncoherenceReport(
                        mu(incoherence.object("weights")),
                        incoherence
                                .optionalObject("hessian")
                                .map(ReportJson::mu)
                                .orElse(null)),
                fields.has("kept") ? fields.text("kept") : null);
    }

    private static LinearReport.Calibration calibration(JsonFields fields) {
        return new LinearReport.Calibration(
                fields.integer("tokens", 0), fields.number("prior"), fields.number("damping"));
    }

    private static Mu mu(JsonFields fields) {
        return new Mu(
                fields.number("before"), fields.number("after"), fields.has("bound") ? fields.number("bound") : null);
    }

    static Map<String, Object> write(GroupReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("block", report.block());
        fields.put("group", report.group());
        fields.put("encodeSeconds", report.encodeSeconds());
        fields.put("linears", report.linears().stream().map(ReportJson::linear).toList());
        return fields;
    }

    private static Map<String, Object> linear(LinearReport linear) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", linear.name());
        fields.put("weights", linear.weights());
        fields.put("bits", linear.bits());
        fields.put("proxyLoss", linear.proxyLoss());
        LinearReport.Calibration calibration = linear.calibration();
        Map<String, Object> hessian = new LinkedHashMap<>();
        hessian.put("tokens", calibration.tokens());
        hessian.put("prior", calibration.prior());
        hessian.put("damping", calibration.damping());
        fields.put("calibration", hessian);
        Map<String, Object> incoherence = new LinkedHashMap<>();
        incoherence.put("weights", mu(linear.incoherence().weights()));
        Optional.ofNullable(linear.incoherence().hessian()).ifPresent(mu -> incoherence.put("hessian", mu(mu)));
        fields.put("incoherence", incoherence);
        putIfThere(fields, "kept", linear.kept());
        return fields;
    }

    private static Map<String, Object> mu(Mu mu) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("before", mu.before());
        fields.put("after", mu.after());
        putIfThere(fields, "bound", mu.bound());
        return fields;
    }

    private static void putIfThere(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }
}
