package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.DeviceOutOfMemoryException;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TrellisOps;
import dev.quipforge.engine.compute.host.HostTiles;
import dev.quipforge.engine.compute.host.HybridShapes;
import dev.quipforge.engine.packing.TrellisPacking;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;

/** {@link TrellisOps} on a device. Sequences are searched in portions that their checkpoints fit into memory for. */
public final class CudaTrellisOps implements TrellisOps {

    /** Pairs of sequences that each multiprocessor takes in a portion: the traceback of few would leave the card idle. */
    private static final int PAIRS = 4;

    /** How far outside the code a weight is believed to be: half precision has to hold its cost beside that of others. */
    private static final float OUTLIER = 8;

    /** The part of the device's memory that the checkpoints of a portion may take. */
    private static final int MEMORY_SHARE = 8;

    private static final int MOST_BLOCKS = 1 << 16;
    private static final int TILE_SIDE = 16;

    private final CudaDevice device;
    private final Kernels kernels;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final DeviceTables tables;
    private final int multiprocessors;
    private final long budget;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param device the GPU
     * @param kernels our kernels on it
     * @param memory lends scratch memory
     * @param transfers copies
     * @param tables tables of codes on the GPU
     */
    public CudaTrellisOps(
            CudaDevice device, Kernels kernels, DeviceMemory memory, Transfers transfers, DeviceTables tables) {
        this.device = device;
        this.kernels = kernels;
        this.memory = memory;
        this.transfers = transfers;
        this.tables = tables;
        this.multiprocessors = device.multiprocessors();
        this.budget = device.memory()[1] / MEMORY_SHARE;
    }

    @Override
    public void encode(Trellis trellis, TailBiting tailBiting, Matrix sequences, IntMatrix states, Matrix decoded) {
        int steps = trellis.steps(sequences.columns());
        Shapes.require("states", states, sequences.rows(), steps);
        Shapes.requireSame("decoded", decoded, sequences);
        DeviceMatrix from = DeviceMatrix.require(sequences);
        DeviceIntMatrix to = DeviceIntMatrix.require(states);
        if (from.size() == 0) {
            return;
        }
        TrellisTable table = tables.trellis(trellis);
        ViterbiPlan plan = ViterbiPlan.of(trellis, steps, tailBiting);
        boolean fast = plan.fast(device.sharedBytesPerBlock(), table.largest());
        int portion = portion(plan, fast, from.rows());
        for (int row = 0; row < from.rows(); ) {
            int end = Math.min(from.rows(), row + portion);
            try {
                if (fast) {
                    search(plan, table, from.rows(row, end), to.rows(row, end));
                } else {
                    searchGenerally(plan, table, from.rows(row, end), to.rows(row, end));
                }
                row = end;
            } catch (DeviceOutOfMemoryException e) {
                if (portion <= 2) {
                    throw e;
                }
                portion = (portion / 2 + 1) / 2 * 2; // smaller portions give the same states
            }
        }
        decode(trellis, states, decoded);
    }

    private int portion(ViterbiPlan plan, boolean fast, int count) {
        long fitting = fast ? 2 * (budget / plan.checkpointBytes()) : budget / plan.generalBytes();
        long wanted = fast ? 2L * PAIRS * multiprocessors : 64L * multiprocessors;
        return Math.clamp(Math.min(fitting, wanted), 1, count);
    }

    private void search(ViterbiPlan plan, TrellisTable table, DeviceMatrix sequences, DeviceIntMatrix states) {
        int count = sequences.rows();
        try (Scratch scratch = new Scratch(memory)) {
            long checkpoints = scratch.bytes(
                    "Viterbi checkpoints of " + count + " sequences", (count + 1) / 2 * plan.checkpointBytes());
            long ends = scratch.bytes("end states", (long) count * Integer.BYTES);
            long overlaps = scratch.bytes("overlaps", (long) count * Integer.BYTES);
            int firstSlots = plan.slots(plan.after());
            int slots = plan.slots(plan.steps());
            Pass first = new Pass(plan.from(), plan.to(), plan.steps(), 0, firstSlots);
            forward(plan, table, sequences, first, checkpoints, ends);
            traceback(plan, table, sequences, first, new long[] {checkpoints, ends, overlaps, 0});
            Pass second = new Pass(0, plan.steps(), 0, overlaps, slots);
            forward(plan, table, sequences, second, checkpoints, 0);
            traceback(plan, table, sequences, second, new long[] {checkpoints, overlaps, 0, states.address()});
        }
    }

    /**
     * One of the two passes.
     *
     * @param from first step
     * @param to step after the last
     * @param stop step at which its traceback ends, and from which it is recorded
     * @param start address of the groups before the first step, 0 when they are free
     * @param slots checkpoints of a pair
     */
    private record Pass(int from, int to, int stop, long start, int slots) {}

    private void forward(
            ViterbiPlan plan, TrellisTable table, DeviceMatrix sequences, Pass pass, long checkpoints, long ends) {
        kernels.launch(
                plan.module(),
                "forward_" + plan.suffix(),
                Launch.line(Math.min((sequences.rows() + 1) / 2, multiprocessors), 1024, plan.sharedBytes()),
                table.rounded(),
                sequences,
                sequences.rows(),
                plan.steps(),
                pass.from(),
                pass.to(),
                pass.stop(),
                table.largest() + OUTLIER,
                pass.start(),
                checkpoints,
                pass.slots(),
                ends);
    }

    /** Addresses: checkpoints, groups at the end, groups at the stop (or 0), states (or 0). */
    private void traceback(ViterbiPlan plan, TrellisTable table, DeviceMatrix sequences, Pass pass, long[] addresses) {
        kernels.launch(
                plan.module(),
                "traceback_" + plan.suffix(),
                Launch.line(sequences.rows(), 32, 0),
                table.exact(),
                sequences,
                sequences.rows(),
                plan.steps(),
                pass.to(),
                pass.stop(),
                pass.start(),
                addresses[0],
                pass.slots(),
                addresses[1],
                addresses[2],
                addresses[3]);
    }

    private void searchGenerally(ViterbiPlan plan, TrellisTable table, DeviceMatrix sequences, DeviceIntMatrix states) {
        int count = sequences.rows();
        try (Scratch scratch = new Scratch(memory)) {
            long ends = scratch.bytes("end states", (long) count * Integer.BYTES);
            long overlaps = scratch.bytes("overlaps", (long) count * Integer.BYTES);
            long costs = scratch.bytes("Viterbi costs", 2L * count * plan.groups() * Float.BYTES);
            long choices = scratch.bytes(
                    "Viterbi choices of " + count + " sequences",
                    (long) count * plan.groups() * plan.steps() * Short.BYTES);
            Pass first = new Pass(plan.from(), plan.to(), plan.steps(), 0, 0);
            forwardGenerally(plan, table, sequences, first, new long[] {costs, choices, ends});
            back(plan, count, first, new long[] {choices, ends, overlaps, 0});
            Pass second = new Pass(0, plan.steps(), 0, overlaps, 0);
            forwardGenerally(plan, table, sequences, second, new long[] {costs, choices, 0});
            back(plan, count, second, new long[] {choices, overlaps, 0, states.address()});
        }
    }

    /** Addresses: costs, choices, groups at the end (or 0). */
    private void forwardGenerally(
            ViterbiPlan plan, TrellisTable table, DeviceMatrix sequences, Pass pass, long[] addresses) {
        kernels.launch(
                "viterbi_any",
                "forward_any",
                Launch.line(sequences.rows(), 256, 0),
                plan.stateBits(),
                plan.stepBits(),
                plan.values(),
                table.exact(),
                sequences,
                plan.steps(),
                pass.from(),
                pass.to(),
                pass.stop(),
                pass.start(),
                addresses[0],
                addresses[1],
                addresses[2]);
    }

    /** Addresses: choices, groups at the end, groups at the stop (or 0), states (or 0). */
    private void back(ViterbiPlan plan, int count, Pass pass, long[] addresses) {
        kernels.launch(
                "viterbi_any",
                "back_any",
                Launch.line(Launch.blocks(count, 64), 64, 0),
                plan.stateBits(),
                plan.stepBits(),
                count,
                plan.steps(),
                pass.to(),
                pass.stop(),
                addresses[0],
                addresses[1],
                addresses[2],
                addresses[3]);
    }

    @Override
    public void decode(Trellis trellis, IntMatrix states, Matrix decoded) {
        int values = trellis.values();
        Shapes.require("decoded", decoded, states.rows(), states.columns() * values);
        DeviceIntMatrix from = DeviceIntMatrix.require(states);
        DeviceMatrix to = DeviceMatrix.require(decoded);
        if (to.size() == 0) {
            return;
        }
        kernels.launch(
                "trellis_decode",
                "decode",
                Launch.elements(to.rows(), to.columns()),
                from.rows(),
                from.columns(),
                values,
                tables.trellis(trellis).exact(),
                from.address(),
                to);
    }

    @Override
    public short[] pack(Trellis trellis, IntMatrix states) {
        DeviceIntMatrix from = DeviceIntMatrix.require(states);
        int perRow = TrellisPacking.words(trellis, from.columns());
        int count = Math.multiplyExact(from.rows(), perRow);
        try (Scratch scratch = new Scratch(memory)) {
            long words = scratch.bytes("packed states", (long) count * Short.BYTES);
            if (count > 0) {
                kernels.launch(
                        "trellis_pack",
                        "pack",
                        Launch.line(Math.min(Launch.blocks(count, 256), MOST_BLOCKS), 256, 0),
                        (long) from.rows(),
                        from.columns(),
                        perRow,
                        trellis.stateBits(),
                        trellis.stepBits(),
                        from.address(),
                        words);
            }
            return transfers.shorts(words, count);
        }
    }

    @Override
    public void decodeTiles(Trellis trellis, int[] positions, short[] words, Matrix decoded) {
        DeviceMatrix to = DeviceMatrix.require(decoded);
        HostTiles.requireTiles(trellis, positions.length, words.length, to.rows(), to.columns());
        if (to.size() == 0) {
            return;
        }
        int tiles = Math.toIntExact(to.size() / positions.length);
        try (Scratch scratch = new Scratch(memory)) {
            long packed = scratch.bytes("packed tiles", (long) words.length * Short.BYTES);
            long order = scratch.bytes("order of a tile", (long) positions.length * Integer.BYTES);
            transfers.upload(words, packed);
            transfers.upload(positions, order);
            kernels.launch(
                    "trellis_pack",
                    "decode_tiles",
                    Launch.line(Math.min(tiles, MOST_BLOCKS), positions.length, 0),
                    (long) tiles,
                    to.columns() / TILE_SIDE,
                    words.length / tiles,
                    trellis.stateBits(),
                    trellis.stepBits(),
                    trellis.values(),
                    tables.trellis(trellis).exact(),
                    order,
                    packed,
                    to);
        }
    }

    @Override
    public void decodeTiles(Trellis trellis, IntMatrix words, Matrix table, Matrix decoded) {
        HybridShapes.require(trellis, words, table, decoded);
        HybridTiles.of(trellis, words, DeviceMatrix.require(table), DeviceMatrix.require(decoded))
                .decode(kernels);
    }
}
