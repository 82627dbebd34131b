package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.AttentionGeometry;
import java.util.List;

/**
 * The widths of one block of a Llama-style decoder.
 *
 * @param hidden width of the hidden state
 * @param inner width inside the MLP
 * @param heads heads of queries
 * @param keyValueHeads heads of keys and values
 * @param headWidth width of a head
 */
record BlockShape(int hidden, int inner, int heads, int keyValueHeads, int headWidth) {

    /** Of Llama-3-8B. */
    static final BlockShape LLAMA_3_8B = new BlockShape(4096, 14336, 32, 8, 128);

    /** Of the demo model. */
    static final BlockShape DEMO = new BlockShape(384, 1024, 6, 2, 64);

    /** Its heads. */
    AttentionGeometry attention() {
        return AttentionGeometry.of(heads, keyValueHeads, headWidth);
    }

    /** Width of all queries of a token. */
    int queries() {
        return heads * headWidth;
    }

    /** Width of all keys, or of all values, of a token. */
    int keys() {
        return keyValueHeads * headWidth;
    }

    /** The linears: queries, keys, values, output; gate, up, down. */
    List<Shape> linears() {
        return List.of(
                new Shape(queries(), hidden),
                new Shape(keys(), hidden),
                new Shape(keys(), hidden),
                new Shape(hidden, queries()),
                new Shape(inner, hidden),
                new Shape(inner, hidden),
                new Shape(hidden, inner));
    }

    @Override
    public String toString() {
        return hidden + "/" + inner + ", " + heads + "/" + keyValueHeads + " heads of " + headWidth;
    }
}
