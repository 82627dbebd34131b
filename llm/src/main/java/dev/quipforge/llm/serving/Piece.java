package dev.quipforge.llm.serving;

/**
 * The tokens of one text in a step.
 *
 * @param sequence the text
 * @param from first token
 * @param to where they end
 */
record Piece(Sequence sequence, int from, int to) {

    int tokens() {
        return to - from;
    }

    /** Whether a token follows from the last of these. */
    boolean isLast() {
        return to == sequence.length();
    }
}
