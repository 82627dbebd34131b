package dev.quipforge.quantizer;

import dev.quipforge.contracts.Incoherence;
import dev.quipforge.contracts.TaskResult.GroupQuantized;
import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.IncoherenceReport;
import dev.quipforge.llm.quantization.LinearReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports of groups as messages. */
final class Reports {

    private Reports() {}

    /** The result of a group whose codes are stored under {@code output}. */
    static GroupQuantized result(String output, GroupReport report, Architecture architecture) {
        Map<String, Integer> experts = experts(architecture, report.block());
        return new GroupQuantized(
                output,
                report.linears().stream()
                        .map(linear -> linear(linear, experts.get(linear.name())))
                        .toList(),
                report.encodeSeconds());
    }

    /** The expert that a linear of the block belongs to, by the linear's name. */
    private static Map<String, Integer> experts(Architecture architecture, int block) {
        Map<String, Integer> experts = new HashMap<>();
        if (architecture.blocks().get(block).feedForward() instanceof Experts mixture) {
            List<Gated> all = mixture.experts();
            for (int i = 0; i < all.size(); i++) {
                for (InputSpec input : all.get(i).inputs()) {
                    for (LinearSpec linear : input.linears()) {
                        experts.put(linear.name(), i);
                    }
                }
            }
        }
        return experts;
    }

    private static QuantizedLinear linear(LinearReport linear, @Nullable Integer expert) {
        IncoherenceReport measured = linear.incoherence();
        return new QuantizedLinear(
                linear.name(),
                linear.weights(),
                linear.bits(),
                linear.proxyLoss(),
                linear.calibration().damping(),
                new Incoherence(mu(measured.weights()), measured.hessian() == null ? null : mu(measured.hessian())),
                linear.kept(),
                expert,
                linear.calibration().tokens(),
                linear.calibration().prior());
    }

    private static Incoherence.Mu mu(IncoherenceReport.Mu mu) {
        return new Incoherence.Mu(mu.before(), mu.after(), mu.bound());
    }
}
