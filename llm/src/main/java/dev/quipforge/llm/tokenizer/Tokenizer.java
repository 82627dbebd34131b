package dev.quipforge.llm.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.quipforge.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A Hugging Face tokenizer. It never adds special tokens, never truncates, and is safe for use by several threads.
 *
 * <p>The native library comes out of its jar; nothing is downloaded.
 */
public final class Tokenizer implements AutoCloseable {

    /** Name of the file. */
    public static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;

    private Tokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a {@code tokenizer.json}.
     *
     * @throws InvalidModelException when it cannot be read
     */
    public static Tokenizer open(Path file) {
        NativeTokenizers.prepare();
        try {
            return new Tokenizer(HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optAddSpecialTokens(false)
                    .optTruncation(false)
                    .optPadding(false)
                    .optMaxLength(Integer.MAX_VALUE)
                    .build());
        } catch (IOException | RuntimeException e) {
            throw new InvalidModelException(
                    String.valueOf(file.getFileName()), "cannot be read as a tokenizer: " + e.getMessage(), e);
        }
    }

    /** The token ids of {@code text}, taken as one string. */
    public int[] encode(String text) {
        return Arrays.stream(tokenizer.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /** The text of {@code tokens}, without special tokens. */
    public String decode(int... tokens) {
        return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
