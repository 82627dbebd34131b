package dev.quipforge.engine.compute.vector.decode;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.DecodeOps;
import dev.quipforge.engine.compute.DecodeShapes;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PagedInputs;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.host.HostCopies;
import dev.quipforge.engine.compute.vector.attention.Rotation;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.Workers;

/** {@link DecodeOps} on all cores. */
public final class VectorDecodeOps implements DecodeOps {

    private final Workers workers;
    private final Buffers buffers;

    /**
     * For one backend.
     *
     * @param workers its threads
     * @param buffers its memory
     */
    public VectorDecodeOps(Workers workers, Buffers buffers) {
        this.workers = workers;
        this.buffers = buffers;
    }

    @Override
    public void project(Matrix input, Matrix weight, Matrix output) {
        DecodeShapes.requireProjection(input, weight, output);
        HostMatrix x = HostMatrix.require(input);
        HostMatrix w = HostMatrix.require(weight);
        HostMatrix y = HostMatrix.require(output);
        workers.rows(w.rows(), w.columns(), (from, to) -> RowProducts.multiply(x, w, y, from, to));
    }

    @Override
    public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, IntMatrix positions) {
        DecodeShapes.requireRotation(heads, geometry, frequencies, positions);
        int[] places = HostIntMatrix.require(positions).data().toArray(JAVA_INT);
        new Rotation(geometry, HostMatrix.require(frequencies), Rotation.Direction.FORWARD, places)
                .run(workers, HostMatrix.require(heads));
    }

    @Override
    public void putRows(Matrix source, IntMatrix rows, Matrix target) {
        DecodeShapes.requireRows(source, rows, target);
        HostCopies.putRows(HostMatrix.require(source), HostIntMatrix.require(rows), HostMatrix.require(target));
    }

    @Override
    public void attend(AttentionGeometry geometry, PagedInputs inputs, Matrix output) {
        DecodeShapes.requireAttention(geometry, inputs, output);
        new PagedAttention(geometry, inputs, HostMatrix.require(output)).run(workers, buffers);
    }
}
