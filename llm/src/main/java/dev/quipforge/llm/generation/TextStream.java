package dev.quipforge.llm.generation;

import dev.quipforge.llm.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns tokens into text as they come. A token may be part of a character, and may decode differently behind another one,
 * so the tokens since the last piece are decoded with and without the new ones.
 */
final class TextStream {

    private static final char INCOMPLETE = '\uFFFD';

    private final Tokenizer tokenizer;
    private final List<Integer> tokens = new ArrayList<>();
    private int context;
    private int shown;

    TextStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Adds a token; returns the text that is now complete, often empty. */
    String add(int token) {
        tokens.add(token);
        String all = decode(context, tokens.size());
        if (all.isEmpty() || all.charAt(all.length() - 1) == INCOMPLETE) {
            return "";
        }
        return advance(all);
    }

    /** What is left at the end, complete or not. */
    String rest() {
        return advance(decode(context, tokens.size()));
    }

    private String advance(String all) {
        String before = decode(context, shown);
        context = shown;
        shown = tokens.size();
        return all.length() > before.length() ? all.substring(before.length()) : "";
    }

    private String decode(int from, int to) {
        return tokenizer.decode(
                tokens.subList(from, to).stream().mapToInt(Integer::intValue).toArray());
    }
}
