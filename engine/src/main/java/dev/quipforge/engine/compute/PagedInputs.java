package dev.quipforge.engine.compute;

import org.jspecify.annotations.Nullable;

/**
 * What attention over a cache in pages reads. Row r of the queries is a token of text {@code texts}[0, r], which sees the first
 * {@code lengths}[0, r] positions of that text, itself the last of them. Position p of text t stands in row {@code tables}[t, p /
 * pageLength] · pageLength + p mod pageLength of keys and values.
 *
 * @param query [rows × heads · headWidth]
 * @param keys all pages below each other, [pages · pageLength × keyValueHeads · headWidth]
 * @param values likewise, [pages · pageLength × keyValueHeads · valueWidth]
 * @param sinks as in {@link AttentionInputs}, [1 × heads]; null for none
 * @param tables the pages of every text in order, [texts × most pages of a text]; what a text does not reach is not read
 * @param texts [1 × rows]
 * @param lengths [1 × rows]; 0 for a row that stands for no token, whose output is zero
 * @param pageLength positions of a page
 */
public record PagedInputs(
        Matrix query,
        Matrix keys,
        Matrix values,
        @Nullable Matrix sinks,
        IntMatrix tables,
        IntMatrix texts,
        IntMatrix lengths,
        int pageLength) {}
