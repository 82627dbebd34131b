package dev.quipforge.llm.sampling;

import dev.quipforge.llm.InvalidModelException;
import java.util.List;

/**
 * How text is generated.
 *
 * @param maxTokens most tokens to generate
 * @param temperature logits are divided by it; 0 takes the most probable token
 * @param topP tokens are drawn from the most probable ones that together have this probability, above 0 to 1
 * @param seed decides every draw
 * @param stop texts before which the generation ends; none of them is part of the result
 */
public record Sampling(int maxTokens, double temperature, double topP, long seed, List<String> stop) {

    public Sampling {
        if (maxTokens < 1) {
            throw new InvalidModelException("max_tokens", maxTokens + " (expected: at least 1)");
        }
        if (!(temperature >= 0 && temperature <= 100)) {
            throw new InvalidModelException("temperature", temperature + " (expected: 0 to 100)");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new InvalidModelException("top_p", topP + " (expected: above 0, at most 1)");
        }
        stop = stop.stream().filter(text -> !text.isEmpty()).toList();
    }

    /** The same with at most {@code tokens} tokens to generate. */
    public Sampling atMost(int tokens) {
        return maxTokens <= tokens ? this : new Sampling(tokens, temperature, topP, seed, stop);
    }

    /** The most probable token every time. */
    public static Sampling greedy(int maxTokens) {
        return new Sampling(maxTokens, 0, 1, 0, List.of());
    }
}
