package dev.quipforge.llm.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.quipforge.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A Hugging Face tokenizer. It adds special tokens only where that is asked for, never truncates, and is safe for use by several
 * threads.
 *
 * <p>The native library comes out of its jar; nothing is downloaded.
 */
public final class Tokenizer implements AutoCloseable {

    /** Name of the file. */
    public static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;
    private final int[] prefix;

    private Tokenizer(HuggingFaceTokenizer tokenizer, int[] prefix) {
        this.tokenizer = tokenizer;
        this.prefix = prefix;
    }

    /**
     * Opens a {@code tokenizer.json}, and the {@code tokenizer_config.json} beside it where there is one.
     *
     * @throws InvalidModelException when they cannot be read
     */
    public static Tokenizer open(Path file) {
        HuggingFaceTokenizer opened = read(file);
        try {
            return new Tokenizer(opened, TextBeginning.of(opened, file.resolveSibling(TextBeginning.CONFIG)));
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static HuggingFaceTokenizer read(Path file) {
        NativeTokenizers.prepare();
        try {
            return HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optAddSpecialTokens(false)
                    .optTruncation(false)
                    .optPadding(false)
                    .optMaxLength(Integer.MAX_VALUE)
                    .build();
        } catch (IOException | RuntimeException e) {
            throw new InvalidModelException(
                    String.valueOf(file.getFileName()), "cannot be read as a tokenizer: " + e.getMessage(), e);
        }
    }

    /**
     * The special tokens that the tokenizer's own conventions put before every text: none, or one that says that a text begins,
     * seldom more.
     */
    public int[] prefix() {
        return prefix.clone();
    }

    /** The token ids of {@code text} as a model is to continue it: behind {@link #prefix}, unless it begins so itself. */
    public int[] encodePrompt(String text) {
        int[] tokens = encode(text);
        boolean begun =
                tokens.length >= prefix.length && Arrays.equals(tokens, 0, prefix.length, prefix, 0, prefix.length);
        return begun ? tokens : behind(prefix, tokens);
    }

    /** {@code tokens} behind {@code prefix}. */
    static int[] behind(int[] prefix, int[] tokens) {
        return IntStream.concat(Arrays.stream(prefix), Arrays.stream(tokens)).toArray();
    }

    /** The token ids of {@code text}, taken as one string, without special tokens. */
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
