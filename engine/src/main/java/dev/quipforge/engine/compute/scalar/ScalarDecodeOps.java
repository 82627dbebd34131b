package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.DecodeOps;
import dev.quipforge.engine.compute.DecodeShapes;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PagedInputs;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.host.HostCopies;
import java.lang.foreign.Arena;

/** The definition of {@link DecodeOps}. */
final class ScalarDecodeOps implements DecodeOps {

    @Override
    public void project(Matrix input, Matrix weight, Matrix output) {
        DecodeShapes.requireProjection(input, weight, output);
        HostMatrix x = HostMatrix.require(input);
        HostMatrix w = HostMatrix.require(weight);
        HostMatrix y = HostMatrix.require(output);
        for (int i = 0; i < x.rows(); i++) {
            for (int j = 0; j < w.rows(); j++) {
                y.set(i, j, (float) ScalarSight.dot(x.rows(i, i + 1), w, j));
            }
        }
    }

    @Override
    public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, IntMatrix positions) {
        DecodeShapes.requireRotation(heads, geometry, frequencies, positions);
        HostIntMatrix places = HostIntMatrix.require(positions);
        HostMatrix inverse = HostMatrix.require(frequencies);
        ScalarRotation.turn(1, HostMatrix.require(heads), geometry, inverse, row -> places.get(0, row));
    }

    @Override
    public void putRows(Matrix source, IntMatrix rows, Matrix target) {
        DecodeShapes.requireRows(source, rows, target);
        HostCopies.putRows(HostMatrix.require(source), HostIntMatrix.require(rows), HostMatrix.require(target));
    }

    @Override
    public void attend(AttentionGeometry geometry, PagedInputs inputs, Matrix output) {
        DecodeShapes.requireAttention(geometry, inputs, output);
        HostIntMatrix lengths = HostIntMatrix.require(inputs.lengths());
        HostMatrix result = HostMatrix.require(output);
        for (int row = 0; row < result.rows(); row++) {
            if (lengths.get(0, row) == 0) {
                result.row(row).fill((byte) 0);
            } else {
                attend(geometry, inputs, row, result);
            }
        }
    }

    /** Brings the pages of a text together, and attends to them as to any window. */
    private static void attend(AttentionGeometry geometry, PagedInputs inputs, int row, HostMatrix output) {
        int text = HostIntMatrix.require(inputs.texts()).get(0, row);
        int length = HostIntMatrix.require(inputs.lengths()).get(0, row);
        DecodeShapes.requireLength(inputs, text, length);
        HostMatrix query = HostMatrix.require(inputs.query()).rows(row, row + 1);
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix keys = HostMatrix.allocate(arena, length, inputs.keys().columns());
            HostMatrix values =
                    HostMatrix.allocate(arena, length, inputs.values().columns());
            for (int position = 0; position < length; position++) {
                int slot = slot(inputs, text, position);
                HostCopies.copy(
                        HostMatrix.require(inputs.keys()).rows(slot, slot + 1), keys.rows(position, position + 1));
                HostCopies.copy(
                        HostMatrix.require(inputs.values()).rows(slot, slot + 1), values.rows(position, position + 1));
            }
            AttentionInputs gathered = new AttentionInputs(query, keys, values, inputs.sinks());
            new ScalarAttention(geometry, gathered, 1).forward(output.rows(row, row + 1));
        }
    }

    private static int slot(PagedInputs inputs, int text, int position) {
        int page = HostIntMatrix.require(inputs.tables()).get(text, position / inputs.pageLength());
        return DecodeShapes.requirePage(inputs, page) * inputs.pageLength() + position % inputs.pageLength();
    }
}
