package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.DecodeOps;
import dev.quipforge.engine.compute.DecodeShapes;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PagedInputs;
import dev.quipforge.engine.compute.RotaryGeometry;

/** {@link DecodeOps} on a device. Nothing here waits for it. */
public final class CudaDecodeOps implements DecodeOps {

    private static final int MOST_BLOCKS = 65535;

    /** Rows that a block of {@code project} takes. */
    private static final int ROWS = 8;

    private static final int WARPS = 8;
    private static final int WARP = 32;

    /** Query heads of a block of {@code attend}, positions of its span, and the widest head. */
    private static final int HEADS = 8;

    private static final int SPAN = 256;
    private static final int WIDEST = 256;
    private static final int ATTENTION_THREADS = 128;

    private final Kernels kernels;
    private final DeviceMemory memory;

    /**
     * For one device.
     *
     * @param kernels its kernels
     * @param memory its memory
     */
    public CudaDecodeOps(Kernels kernels, DeviceMemory memory) {
        this.kernels = kernels;
        this.memory = memory;
    }

    @Override
    public void project(Matrix input, Matrix weight, Matrix output) {
        DecodeShapes.requireProjection(input, weight, output);
        DeviceMatrix to = DeviceMatrix.require(output);
        if (to.size() == 0) {
            return;
        }
        kernels.launch(
                "decode_rows",
                "project",
                new Launch(Launch.blocks(to.columns(), WARPS), Launch.blocks(to.rows(), ROWS), 1, WARPS * WARP, 1, 0),
                to.rows(),
                to.columns(),
                input.columns(),
                DeviceMatrix.require(input),
                DeviceMatrix.require(weight),
                to);
    }

    @Override
    public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, IntMatrix positions) {
        new Rotation(kernels, Rotation.Direction.FORWARD).turn(heads, geometry, frequencies, positions);
    }

    @Override
    public void putRows(Matrix source, IntMatrix rows, Matrix target) {
        DecodeShapes.requireRows(source, rows, target);
        DeviceMatrix from = DeviceMatrix.require(source);
        if (from.size() == 0) {
            return;
        }
        kernels.launch(
                "decode_rows",
                "put_rows",
                Launch.rows(from.rows(), MOST_BLOCKS),
                from.rows(),
                from.columns(),
                target.rows(),
                from,
                DeviceIntMatrix.require(rows).address(),
                DeviceMatrix.require(target));
    }

    @Override
    public void attend(AttentionGeometry geometry, PagedInputs inputs, Matrix output) {
        DecodeShapes.requireAttention(geometry, inputs, output);
        if (Math.max(geometry.headWidth(), geometry.valueWidth()) > WIDEST) {
            throw new IllegalArgumentException("head width: " + geometry.headWidth() + ", values "
                    + geometry.valueWidth() + " (expected: at most " + WIDEST + ")");
        }
        DeviceMatrix to = DeviceMatrix.require(output);
        int rows = to.rows();
        int spans = Launch.blocks((long) inputs.tables().columns() * inputs.pageLength(), SPAN);
        int step = Math.max(1, MOST_BLOCKS / 2);
        try (Scratch scratch = new Scratch(memory)) {
            long partial = scratch.bytes(
                    "attention",
                    (long) Math.min(rows, step) * geometry.heads() * spans * (geometry.valueWidth() + 2) * Float.BYTES);
            for (int first = 0; first < rows; first += step) {
                int end = Math.min(rows, first + step);
                attend(geometry, inputs, new Rows(first, end, spans, partial), to.rows(first, end));
            }
        }
    }

    /** Rows {@code first} to {@code end}, and where their spans are put. */
    private record Rows(int first, int end, int spans, long partial) {}

    private void attend(AttentionGeometry geometry, PagedInputs inputs, Rows rows, DeviceMatrix output) {
        DeviceMatrix keys = DeviceMatrix.require(inputs.keys());
        long firstInteger = (long) rows.first * Integer.BYTES;
        long lengths = DeviceIntMatrix.require(inputs.lengths()).address() + firstInteger;
        int count = rows.end - rows.first;
        int most = inputs.tables().columns() * inputs.pageLength();
        int window = Math.min(geometry.window(), most);
        Matrix sinks = inputs.sinks();
        kernels.launch(
                "attention_paged",
                "attend",
                new Launch(
                        rows.spans,
                        geometry.keyValueHeads() * Math.ceilDiv(geometry.sharing(), HEADS),
                        count,
                        ATTENTION_THREADS,
                        1,
                        0),
                geometry.heads(),
                geometry.keyValueHeads(),
                geometry.headWidth(),
                geometry.valueWidth(),
                geometry.scale(),
                window,
                geometry.cap(),
                inputs.pageLength(),
                inputs.tables().columns(),
                keys.rows(),
                DeviceMatrix.require(inputs.query()).rows(rows.first, rows.end),
                keys,
                DeviceMatrix.require(inputs.values()),
                DeviceIntMatrix.require(inputs.tables()).address(),
                inputs.tables().rows(),
                DeviceIntMatrix.require(inputs.texts()).address() + firstInteger,
                lengths,
                rows.partial);
        kernels.launch(
                "attention_paged",
                "combine",
                new Launch(geometry.heads(), count, 1, ATTENTION_THREADS, 1, 0),
                rows.spans,
                geometry.valueWidth(),
                window,
                most,
                lengths,
                sinks == null ? 0L : DeviceMatrix.require(sinks).address(),
                rows.partial,
                output);
    }
}
