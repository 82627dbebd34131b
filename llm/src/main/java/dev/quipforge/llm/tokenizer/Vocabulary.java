package dev.quipforge.llm.tokenizer;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import java.nio.file.Path;

/** What a {@code tokenizer.json} says about its token ids. */
public final class Vocabulary {

    private Vocabulary() {}

    /**
     * Checks that every token id of the tokenizer is one of the model's. A model may have more ids than its tokenizer:
     * embedding tables are padded.
     *
     * @param directory the directory of the model
     * @param modelSize number of token ids of the model
     * @throws InvalidModelException when the tokenizer is absent, unreadable or has a larger id
     */
    public static void requireFits(Path directory, int modelSize) {
        JsonFields tokenizer = StrictJson.read(directory.resolve(Tokenizer.FILE));
        long highest = Math.max(highestOfModel(tokenizer), highestAdded(tokenizer));
        if (highest >= modelSize) {
            throw new InvalidModelException(
                    Tokenizer.FILE, "token id " + highest + " (expected: less than the vocab_size " + modelSize + ")");
        }
    }

    private static long highestAdded(JsonFields tokenizer) {
        return tokenizer.objects("added_tokens").stream()
                .mapToLong(token -> token.integer("id", -1))
                .max()
                .orElse(-1);
    }

    private static long highestOfModel(JsonFields tokenizer) {
        return tokenizer.object("model").highestIndex("vocab");
    }
}
