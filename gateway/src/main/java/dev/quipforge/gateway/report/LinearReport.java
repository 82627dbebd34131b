package dev.quipforge.gateway.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.quipforge.contracts.Incoherence;
import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** One linear. */
@Schema(name = "ReportLinear")
@JsonInclude(JsonInclude.Include.NON_NULL)
record LinearReport(
        @Schema(example = "model.layers.0.self_attn.q_proj") String name,
        @Schema(example = "0.031") double proxyLoss,
        @Schema(example = "147456") long weights,
        @Schema(example = "297984") long bits,

        @Schema(description = "Added to the diagonal of the Hessian, as a part of its mean.")
        double damping,

        Incoherence incoherence,

        @Schema(description = "Why the linear is kept in its original precision; absent when it is quantized.")
        @Nullable
        String kept,

        @Schema(example = "131072", description = "Calibration tokens that reached it.") @Nullable
        Long tokens,

        @Schema(
                example = "0.25",
                description =
                        "Part of the Hessian that is that of all experts of the block, since few tokens reached this one.")
        @Nullable
        Double prior) {

    static LinearReport of(QuantizedLinear linear) {
        return new LinearReport(
                linear.name(),
                linear.proxyLoss(),
                linear.weights(),
                linear.bits(),
                linear.damping(),
                linear.incoherence(),
                linear.kept(),
                linear.tokens(),
                linear.prior());
    }
}
