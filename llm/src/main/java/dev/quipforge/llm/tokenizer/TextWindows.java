package dev.quipforge.llm.tokenizer;

import dev.quipforge.llm.InvalidModelException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Windows of tokens of equal length, each behind the same special tokens.
 *
 * @param tokens token ids, window after window; at least one
 * @param specialTokens special tokens at the beginning of every window
 */
public record TextWindows(List<int[]> tokens, int specialTokens) {

    public TextWindows {
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty() || specialTokens < 0) {
            throw new IllegalArgumentException("windows: " + tokens.size() + " behind " + specialTokens
                    + " special tokens (expected: at least 1 behind at least 0)");
        }
    }

    /**
     * Cuts {@code text}, tokenized as one string, into non-overlapping parts; the remainder is dropped. Every part follows
     * the {@link Tokenizer#prefix}, and is as much shorter than a window.
     *
     * @param tokenizer the model's tokenizer
     * @param text the text
     * @param length tokens of one window, at least {@link #least}
     * @param place what the text is, for messages
     * @throws InvalidModelException when the text has fewer tokens than one window
     */
    public static TextWindows cut(Tokenizer tokenizer, String text, int length, String place) {
        return cut(tokenizer.prefix(), tokenizer.encode(text), length, place);
    }

    /**
     * As {@link #cut}, but nothing is put before the parts, whatever the tokenizer's conventions: so are figures measured that
     * are published elsewhere.
     *
     * @param tokenizer the model's tokenizer
     * @param text the text
     * @param length tokens of one window, at least 2
     * @param place what the text is, for messages
     * @throws InvalidModelException when the text has fewer tokens than one window
     */
    public static TextWindows withoutSpecialTokens(Tokenizer tokenizer, String text, int length, String place) {
        return cut(new int[0], tokenizer.encode(text), length, place);
    }

    private static TextWindows cut(int[] prefix, int[] ids, int length, String place) {
        if (length < least(prefix.length)) {
            throw new InvalidModelException(
                    "window", length + " tokens (expected: at least " + least(prefix.length) + ")");
        }
        int part = length - prefix.length;
        int count = ids.length / part;
        if (count == 0) {
            throw new InvalidModelException(
                    place, ids.length + " tokens (expected: at least one window of " + part + ")");
        }
        List<int[]> windows = IntStream.range(0, count)
                .mapToObj(i -> Tokenizer.behind(prefix, Arrays.copyOfRange(ids, i * part, (i + 1) * part)))
                .toList();
        return new TextWindows(windows, prefix.length);
    }

    /** Tokens of the shortest window with which {@code tokenizer} leaves something to predict. */
    public static int least(Tokenizer tokenizer) {
        return least(tokenizer.prefix().length);
    }

    private static int least(int prefix) {
        return Math.max(prefix, 1) + 1;
    }

    /** Tokens of one window. */
    public int length() {
        return tokens.getFirst().length;
    }
}
