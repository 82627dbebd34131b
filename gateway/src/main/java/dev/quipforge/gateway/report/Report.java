package dev.quipforge.gateway.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.Figures;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.gateway.job.JobView;
import dev.quipforge.gateway.job.StageView;
import dev.quipforge.gateway.plan.Outcome;
import dev.quipforge.gateway.request.JobRequest;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a finished job. What was not measured is left out.
 *
 * @param job the job
 * @param name its name for people
 * @param model the original
 * @param recipe how it was quantized
 * @param perplexity of both models on the evaluation text
 * @param klDivergence of the quantized model from the original
 * @param topAgreement fraction of positions at which both rank the same token first
 * @param bytes size of the weights before and after, and what the linears are of it
 * @param bitsPerWeight bits stored per weight of the quantized linears, sign vectors and scales included
 * @param bitsPerParameter bits stored of the whole model, embedding, head and norms included, per parameter of the original
 * @param proxyLoss what the quantization cost
 * @param experts the experts of every block that has some; absent when none has
 * @param tuning what tuning won back
 * @param seconds time of each stage, from its first task's start to its last task's end, and of the whole job
 * @param encodeWeightsPerSecond weights encoded per second of encoder time
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Report")
record Report(
        UUID job,
        String name,
        Model model,
        JobRequest.Recipe recipe,
        @Nullable Change perplexity,
        @Nullable Divergence klDivergence,
        @Schema(example = "0.71") @Nullable Double topAgreement,
        Sizes bytes,
        @Schema(example = "2.02") double bitsPerWeight,
        @Schema(example = "4.05") double bitsPerParameter,
        ProxyLoss proxyLoss,
        @Nullable List<ExpertsReport> experts,
        @Nullable TuningReport tuning,

        @Schema(
                example = "{\"intake\":1.2,\"calibrate\":40.1,\"quantize\":120.5,\"assemble\":1.1,\"evaluate\":20.3,"
                        + "\"publish\":0.4,\"total\":183.6}")
        Map<String, Double> seconds,

        @Schema(example = "61000") @Nullable Double encodeWeightsPerSecond) {

    Report {
        experts = experts == null ? null : List.copyOf(experts);
    }

    /** The original: SHA-256 over its files, and its size. */
    @Schema(name = "ReportModel")
    record Model(
            String digest, @Schema(example = "11012352") long parameters) {}

    /** Before and after. */
    @Schema(name = "ReportPerplexity")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Change(
            @Schema(example = "19.09") double original,
            @Schema(example = "36.1") double quantized,

            @Schema(
                    example = "1",
                    description =
                            "Special tokens with which every window of the text begins; absent when there are none.")
            @Nullable
            Integer specialTokens) {

        static Change of(Evaluation evaluation) {
            Integer specialTokens = evaluation.specialTokens();
            return new Change(
                    evaluation.originalPerplexity(),
                    evaluation.quantizedPerplexity(),
                    specialTokens == null || specialTokens == 0 ? null : specialTokens);
        }
    }

    /** D(original ‖ quantized) in nats, mean over the positions. */
    @Schema(name = "ReportDivergence")
    record Divergence(@Schema(example = "0.62") double mean) {}

    /** Before and after, in bytes; of the quantized model, the linears in its blocks, and embedding, head and norms. */
    @Schema(name = "ReportBytes")
    record Sizes(
            @Schema(example = "22024704") long original,
            @Schema(example = "5571072") long quantized,
            @Schema(example = "2414592") long linears,
            @Schema(example = "3156480") long others) {

        static Sizes of(Figures figures, long linears) {
            return new Sizes(
                    figures.originalBytes(), figures.quantizedBytes(), linears, figures.quantizedBytes() - linears);
        }
    }

    /** tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ): the mean over all linears, and each but those of experts, of which there are too many. */
    @Schema(name = "ReportProxyLoss")
    record ProxyLoss(@Schema(example = "0.0342") double mean, List<LinearReport> linears) {

        ProxyLoss {
            linears = List.copyOf(linears);
        }
    }

    /** The report of a job that succeeded. */
    static Report of(JobView job, Outcome outcome) {
        ModelImported imported = outcome.imported();
        Figures figures = outcome.figures();
        Evaluation evaluation = figures.evaluation();
        OptionalDouble rate = outcome.encodeWeightsPerSecond();
        return new Report(
                job.id(),
                job.name(),
                new Model(imported.digest(), imported.parameters()),
                job.request().recipe(),
                evaluation == null ? null : Change.of(evaluation),
                evaluation == null ? null : new Divergence(evaluation.meanDivergence()),
                evaluation == null ? null : evaluation.topAgreement(),
                Sizes.of(figures, outcome.linearBytes()),
                figures.bitsPerWeight(),
                (double) figures.quantizedBytes() * Byte.SIZE / imported.parameters(),
                new ProxyLoss(
                        figures.meanProxyLoss(),
                        outcome.linears().stream()
                                .filter(linear -> linear.expert() == null)
                                .map(LinearReport::of)
                                .toList()),
                ExpertsReport.of(outcome),
                TuningReport.of(outcome),
                seconds(job),
                rate.isPresent() ? rate.getAsDouble() : null);
    }

    private static Map<String, Double> seconds(JobView job) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (StageView stage : job.stages()) {
            Double spent = stage.seconds();
            if (spent != null) {
                seconds.put(stage.stage().key(), spent);
            }
        }
        Instant start = job.startedAt();
        Instant end = job.finishedAt();
        if (start != null && end != null) {
            seconds.put("total", Duration.between(start, end).toMillis() / 1000.0);
        }
        return seconds;
    }
}
