package dev.quipforge.llm.tokenizer;

import dev.quipforge.llm.InvalidModelException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Non-overlapping windows of one text. */
public final class TextWindows {

    private TextWindows() {}

    /**
     * Cuts {@code text}, tokenized as one string without special tokens, into non-overlapping windows; the remainder is
     * dropped.
     *
     * @param tokenizer the model's tokenizer
     * @param text the text
     * @param length tokens of one window, at least 2
     * @param place what the text is, for messages
     * @throws InvalidModelException when the text has fewer tokens than one window
     */
    public static List<int[]> cut(Tokenizer tokenizer, String text, int length, String place) {
        if (length < 2) {
            throw new InvalidModelException("window", length + " tokens (expected: at least 2)");
        }
        int[] ids = tokenizer.encode(text);
        int count = ids.length / length;
        if (count == 0) {
            throw new InvalidModelException(
                    place, ids.length + " tokens (expected: at least one window of " + length + ")");
        }
        return IntStream.range(0, count)
                .mapToObj(i -> Arrays.copyOfRange(ids, i * length, (i + 1) * length))
                .toList();
    }
}
