package dev.quipforge.llm.serving;

import java.util.Arrays;
import java.util.List;

/**
 * What a full page holds: its tokens, behind those of another page. Keys and values depend on all tokens before, and on nothing
 * else.
 *
 * @param parent number of the content before it; {@link #BEGINNING} for the first page of a text
 * @param tokens the tokens of the page
 */
record PageContent(long parent, List<Integer> tokens) {

    /** Stands before the first page of a text. */
    static final long BEGINNING = 0;

    static PageContent of(long parent, int[] tokens, int first, int end) {
        return new PageContent(parent, Arrays.stream(tokens, first, end).boxed().toList());
    }
}
