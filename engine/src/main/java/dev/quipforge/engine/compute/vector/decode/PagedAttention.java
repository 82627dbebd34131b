package dev.quipforge.engine.compute.vector.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.DecodeShapes;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PagedInputs;
import dev.quipforge.engine.compute.vector.attention.AttentionPowers;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Attention over a cache in pages; a piece of work is one head of one row. The heads of a row that share keys are pieces of
 * their own: on a CPU their keys are in the cache.
 */
record PagedAttention(AttentionGeometry geometry, PagedInputs inputs, HostMatrix output) {

    void run(Workers workers, Buffers buffers) {
        HostIntMatrix lengths = HostIntMatrix.require(inputs.lengths());
        workers.each(output.rows() * geometry.heads(), piece -> {
            int row = piece / geometry.heads();
            int head = piece % geometry.heads();
            int length = lengths.get(0, row);
            HostMatrix result =
                    output.rows(row, row + 1).columns(head * geometry.valueWidth(), (head + 1) * geometry.valueWidth());
            if (length == 0) {
                result.row(0).fill((byte) 0);
                return;
            }
            int first = geometry.firstSeen(length - 1);
            buffers.with(length - first, scores -> attend(scores, row, head, first, length, result.row(0)));
        });
    }

    private void attend(MemorySegment scores, int row, int head, int first, int length, MemorySegment result) {
        int text = HostIntMatrix.require(inputs.texts()).get(0, row);
        DecodeShapes.requireLength(inputs, text, length);
        int group = head / geometry.sharing();
        score(scores, row, head, group, text, first, length);
        double sum = new AttentionPowers(geometry, inputs.sinks()).replace(scores, length - first, head);
        result.fill((byte) 0);
        for (int position = first;
                position < length;
                position += inputs.pageLength() - position % inputs.pageLength()) {
            int end = Math.min(length, position + inputs.pageLength() - position % inputs.pageLength());
            HostMatrix values = page(inputs.values(), text, position);
            addValues(scores, position - first, values, position % inputs.pageLength(), end - position, group, result);
        }
        RowKernels.scale(result, (float) (1 / sum), geometry.valueWidth());
    }

    private void score(MemorySegment scores, int row, int head, int group, int text, int first, int length) {
        int width = geometry.headWidth();
        MemorySegment query = HostMatrix.require(inputs.query()).row(row);
        for (int position = first; position < length; position++) {
            HostMatrix keys = page(inputs.keys(), text, position);
            MemorySegment key = keys.row(position % inputs.pageLength());
            float score = RowProducts.dot(query, head * width, key, group * width, width);
            scores.setAtIndex(JAVA_FLOAT, position - first, score);
        }
    }

    /** result += Σ power · value over some positions of a page. */
    private void addValues(
            MemorySegment powers, int power, HostMatrix values, int at, int count, int group, MemorySegment result) {
        int width = geometry.valueWidth();
        int column = group * width;
        int i = 0;
        for (; i + Lanes.FLOATS.length() <= width; i += Lanes.FLOATS.length()) {
            FloatVector sum = Lanes.load(result, i);
            for (int p = 0; p < count; p++) {
                float factor = powers.getAtIndex(JAVA_FLOAT, power + p);
                sum = Lanes.load(values.row(at + p), column + i).fma(FloatVector.broadcast(Lanes.FLOATS, factor), sum);
            }
            Lanes.store(sum, result, i);
        }
        for (; i < width; i++) {
            float sum = result.getAtIndex(JAVA_FLOAT, i);
            for (int p = 0; p < count; p++) {
                sum = Math.fma(powers.getAtIndex(JAVA_FLOAT, power + p), values.get(at + p, column + i), sum);
            }
            result.setAtIndex(JAVA_FLOAT, i, sum);
        }
    }

    /** The rows of the page in which a position of a text stands. */
    private HostMatrix page(Matrix cache, int text, int position) {
        int index = HostIntMatrix.require(inputs.tables()).get(text, position / inputs.pageLength());
        int first = DecodeShapes.requirePage(inputs, index) * inputs.pageLength();
        return HostMatrix.require(cache).rows(first, first + inputs.pageLength());
    }
}
