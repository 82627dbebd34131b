package dev.quipforge.llm.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the tokens that a tokenizer puts before every text: those of the post-processor of {@code tokenizer.json}, unless
 * {@code tokenizer_config.json} has an {@code add_bos_token} and names a class that heeds it, or no class. So does
 * Transformers 4, with which most models were published; where the setting is absent it has a default for each class, and the
 * post-processor decides here.
 */
final class TextBeginning {

    /** Name of the file beside the tokenizer. */
    static final String CONFIG = "tokenizer_config.json";

    /** Classes that replace the post-processor by one of their own, which is made as {@code add_bos_token} says. */
    private static final Set<String> HEEDING = Set.of(
            "LlamaTokenizer",
            "LlamaTokenizerFast",
            "CodeLlamaTokenizer",
            "CodeLlamaTokenizerFast",
            "GemmaTokenizer",
            "GemmaTokenizerFast",
            "CohereTokenizer",
            "CohereTokenizerFast",
            "GPTNeoXTokenizer",
            "GPTNeoXTokenizerFast");

    /** A text that every tokenizer has tokens for. */
    private static final String PROBE = "a";

    private TextBeginning() {}

    /**
     * The tokens before a text.
     *
     * @param tokenizer the tokenizer
     * @param config {@code tokenizer_config.json}, which need not exist
     */
    static int[] of(HuggingFaceTokenizer tokenizer, Path config) {
        if (Files.isRegularFile(config)) {
            JsonFields fields = StrictJson.read(config);
            String type = fields.text("tokenizer_class", "");
            Optional<String> token = token(fields);
            if (fields.has("add_bos_token") && (type.isEmpty() || HEEDING.contains(type))) {
                if (!fields.flag("add_bos_token", false)) {
                    return new int[0];
                }
                if (token.isPresent()) {
                    return new int[] {id(tokenizer, token.get(), fields)};
                }
            }
        }
        return ofPostProcessor(tokenizer);
    }

    /** The beginning-of-text token; it stands there as a text or as an object. */
    private static Optional<String> token(JsonFields fields) {
        String name = "bos_token";
        if (!fields.has(name)) {
            return Optional.empty();
        }
        return Optional.of(fields.isObject(name) ? fields.object(name).text("content") : fields.text(name));
    }

    private static int id(HuggingFaceTokenizer tokenizer, String token, JsonFields fields) {
        Encoding encoding = tokenizer.encode(token, false, false);
        int at = Arrays.asList(encoding.getTokens()).indexOf(token);
        if (at < 0) {
            throw fields.wrong("bos_token", "a token of " + Tokenizer.FILE);
        }
        return Math.toIntExact(encoding.getIds()[at]);
    }

    /** What stands before the tokens of a text when special tokens are added to it. */
    private static int[] ofPostProcessor(HuggingFaceTokenizer tokenizer) {
        long[] plain = tokenizer.encode(PROBE, false, false).getIds();
        long[] all = tokenizer.encode(PROBE, true, false).getIds();
        for (int before = 0; before + plain.length <= all.length; before++) {
            if (Arrays.equals(all, before, before + plain.length, plain, 0, plain.length)) {
                return Arrays.stream(all, 0, before).mapToInt(Math::toIntExact).toArray();
            }
        }
        throw new InvalidModelException(
                Tokenizer.FILE,
                "post_processor: changes the tokens of a text (expected: tokens before and after them)");
    }
}
