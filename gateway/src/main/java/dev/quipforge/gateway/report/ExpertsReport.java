package dev.quipforge.gateway.report;

import dev.quipforge.gateway.plan.Outcome;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The experts of one block, in sum; each is in the report of the block.
 *
 * @param block index of the block
 * @param experts how many there are
 * @param tokens how many calibration tokens reached one
 * @param filledUp how many saw so few that the Hessian of all experts fills up theirs
 * @param unseen indices of those that saw none
 * @param bitsPerWeight bits stored per weight of their linears
 * @param proxyLoss mean over the experts
 */
@Schema(name = "ReportExperts")
record ExpertsReport(
        @Schema(example = "3") int block,
        @Schema(example = "128") int experts,
        Tokens tokens,
        @Schema(example = "5") int filledUp,
        @Schema(example = "[17]") List<Integer> unseen,
        @Schema(example = "2.04") double bitsPerWeight,
        @Schema(example = "0.0342") double proxyLoss) {

    ExpertsReport {
        unseen = List.copyOf(unseen);
    }

    /** Tokens of one expert: the fewest, the middle and the most. */
    @Schema(name = "ReportExpertTokens")
    record Tokens(
            @Schema(example = "0") long least,
            @Schema(example = "8192") long median,
            @Schema(example = "61234") long most) {}

    /** Those of every block that has some; null when none has. */
    static @Nullable List<ExpertsReport> of(Outcome outcome) {
        List<ExpertsReport> blocks = new ArrayList<>();
        outcome.linearsByBlock().forEach((block, linears) -> {
            List<ExpertReport> experts = ExpertReport.of(linears);
            if (!experts.isEmpty()) {
                blocks.add(of(block, experts));
            }
        });
        return blocks.isEmpty() ? null : blocks;
    }

    private static ExpertsReport of(int block, List<ExpertReport> experts) {
        long[] tokens =
                experts.stream().mapToLong(ExpertReport::tokens).sorted().toArray();
        long weights = experts.stream().mapToLong(ExpertReport::weights).sum();
        long bits = experts.stream().mapToLong(ExpertReport::bits).sum();
        return new ExpertsReport(
                block,
                experts.size(),
                new Tokens(tokens[0], tokens[tokens.length / 2], tokens[tokens.length - 1]),
                Math.toIntExact(
                        experts.stream().filter(expert -> expert.prior() > 0).count()),
                experts.stream()
                        .filter(expert -> expert.tokens() == 0)
                        .map(ExpertReport::expert)
                        .toList(),
                (double) bits / weights,
                experts.stream().mapToDouble(ExpertReport::proxyLoss).average().orElse(0));
    }
}
