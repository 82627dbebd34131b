package dev.quipforge.llm.testing;

import dev.quipforge.llm.json.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives the tokenizers of {@link TestModels} tokens that say that a text begins, and conventions for them. */
public final class SpecialTokens {

    /** Token 257 of these tokenizers. */
    public static final String BEGIN = "<|begin|>";

    /** Its id. */
    public static final int BEGIN_ID = 257;

    /** Token 258. */
    public static final String MASK = "<|mask|>";

    /** Its id. */
    public static final int MASK_ID = 258;

    /** Token 256, which all of these tokenizers have. */
    public static final String END = "<|endoftext|>";

    private SpecialTokens() {}

    /** The tokenizer in {@code directory} puts {@link #BEGIN} before every text; returns the directory. */
    public static Path beginTexts(Path directory) {
        return postProcess(directory, template(List.of(BEGIN), List.of()));
    }

    /** The tokenizer in {@code directory} has this post-processor; returns the directory. */
    public static Path postProcess(Path directory, Map<String, Object> processor) {
        Path file = directory.resolve("tokenizer.json");
        Map<String, Object> tokenizer = StrictJson.read(file).asMap();
        List<Object> added = new ArrayList<>();
        ids().forEach((token, id) -> added.add(Map.of(
                "id",
                id,
                "content",
                token,
                "single_word",
                false,
                "lstrip",
                false,
                "rstrip",
                false,
                "normalized",
                false,
                "special",
                true)));
        tokenizer.put("added_tokens", added);
        tokenizer.put("post_processor", processor);
        return write(directory, "tokenizer.json", tokenizer);
    }

    /** The directory has a {@code tokenizer_config.json} of these fields; returns the directory. */
    public static Path configure(Path directory, Map<String, Object> fields) {
        return write(directory, "tokenizer_config.json", fields);
    }

    /** The post-processor that puts tokens before and behind a text. */
    public static Map<String, Object> template(List<String> before, List<String> behind) {
        List<Object> single = new ArrayList<>();
        before.forEach(token -> single.add(piece("SpecialToken", token)));
        single.add(piece("Sequence", "A"));
        behind.forEach(token -> single.add(piece("SpecialToken", token)));
        List<Object> pair = new ArrayList<>(single);
        pair.add(piece("Sequence", "B"));
        Map<String, Object> tokens = new LinkedHashMap<>();
        ids().forEach((token, id) ->
                tokens.put(token, Map.of("id", token, "ids", List.of(id), "tokens", List.of(token))));
        Map<String, Object> processor = new LinkedHashMap<>();
        processor.put("type", "TemplateProcessing");
        processor.put("single", single);
        processor.put("pair", pair);
        processor.put("special_tokens", tokens);
        return processor;
    }

    private static Map<String, Object> piece(String kind, String id) {
        return Map.of(kind, Map.of("id", id, "type_id", 0));
    }

    private static Map<String, Integer> ids() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        ids.put(END, 256);
        ids.put(BEGIN, BEGIN_ID);
        ids.put(MASK, MASK_ID);
        return ids;
    }

    private static Path write(Path directory, String file, Map<String, Object> fields) {
        try {
            Files.writeString(directory.resolve(file), StrictJson.write(fields, false));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
