package dev.quipforge.llm.testing;

import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import java.util.List;
import java.util.Map;

/**
 * What an independent program computed with the demo model ({@code demo/golden.json}).
 *
 * @param ids tokens of one sentence
 * @param lastLogits the first 16 logits of its last position
 * @param lastArgmax the most probable token there
 * @param meanLogProbability mean log-probability of tokens 2 to n
 */
public record Golden(List<Integer> ids, List<Float> lastLogits, int lastArgmax, double meanLogProbability) {

    /** Reads the file. */
    public static Golden read() {
        JsonFields fields = StrictJson.read(TestModels.demo().resolve("golden.json"));
        Map<String, Object> map = fields.asMap();
        List<?> logits = (List<?>) map.getOrDefault("last_logits_first16", List.of());
        return new Golden(
                fields.counts("ids").stream().map(Long::intValue).toList(),
                logits.stream().map(logit -> ((Number) logit).floatValue()).toList(),
                fields.positiveInt("last_argmax"),
                ((Number) map.getOrDefault("mean_logprob", 0)).doubleValue());
    }
}
