package dev.quipforge.llm.architecture;

import java.util.Optional;

/**
 * Which experts a token goes to, and with which weights. It stays as it is when a model is quantized.
 *
 * @param weight tensor that makes one score an expert, [experts × hidden]
 * @param bias tensor that is added to the scores; empty for none
 * @param correction tensor that is added to the probabilities when experts are chosen, not when they are weighed (DeepSeek-V3,
 *     section 2.1.2); empty for none
 * @param experts number of experts
 * @param choice how many are chosen
 * @param scoring how scores become probabilities
 * @param normalized whether the weights of the chosen experts are divided by their sum
 * @param scale what the weights are multiplied by
 */
public record RouterSpec(
        String weight,
        Optional<String> bias,
        Optional<String> correction,
        int experts,
        Choice choice,
        Scoring scoring,
        boolean normalized,
        float scale) {

    /**
     * One that weighs experts by the softmax of their scores.
     *
     * @param weight tensor that makes the scores
     * @param bias tensor that is added to them; empty for none
     * @param normalized whether the weights of the chosen experts are divided by their sum
     */
    public static RouterSpec softmax(
            String weight, Optional<String> bias, int experts, Choice choice, boolean normalized) {
        return new RouterSpec(weight, bias, Optional.empty(), experts, choice, Scoring.SOFTMAX, normalized, 1);
    }

    /** How scores become probabilities. */
    public enum Scoring {
        /** The softmax over all experts. */
        SOFTMAX,
        /** The logistic function of each. */
        SIGMOID
    }

    /**
     * The experts with the largest probabilities, of the groups with the largest sums of their two largest (DeepSeek-V3,
     * section 2.1.2).
     *
     * @param experts how many experts are chosen
     * @param groups number of groups of equally many experts; 1 for no grouping
     * @param chosenGroups groups that experts are chosen from
     */
    public record Choice(int experts, int groups, int chosenGroups) {

        /** Of all experts alike. */
        public static Choice of(int experts) {
            return new Choice(experts, 1, 1);
        }
    }
}
