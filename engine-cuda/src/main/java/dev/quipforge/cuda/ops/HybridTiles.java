package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.trellis.Trellis;

/**
 * Tiles of HYB in the memory of a device, with a table of its own beside them.
 *
 * @param trellis L and K
 * @param words the packed words
 * @param table the table, or the gradient with respect to it
 * @param weights the values, or the gradient with respect to them
 */
record HybridTiles(Trellis trellis, DeviceIntMatrix words, DeviceMatrix table, DeviceMatrix weights) {

    private static final String MODULE = "hybrid_table";
    private static final int TILE_SIDE = 16;
    private static final int THREADS = 512;

    /** Tiles that a block takes at once, one pair of weights a thread. */
    private static final int TOGETHER = 4;

    private static final int PAIRS = 128;
    private static final int MOST_BLOCKS = 1 << 16;
    private static final int MOST_SHARED_BYTES = 48 << 10;

    /** Blocks whose sums are added up: as many as the card holds at once. */
    private static final int BLOCKS_PER_MULTIPROCESSOR = 4;

    /** Blocks of the search for the largest magnitude. */
    private static final int PARTS = 1024;

    static HybridTiles of(Trellis trellis, IntMatrix words, DeviceMatrix table, DeviceMatrix weights) {
        return new HybridTiles(trellis, DeviceIntMatrix.require(words), table, weights);
    }

    /** The weights become the values of the table. */
    void decode(Kernels kernels) {
        if (weights.size() == 0) {
            return;
        }
        kernels.launch(
                MODULE,
                "decode_pairs",
                Launch.line(Math.min(Launch.blocks(words.rows(), TOGETHER), MOST_BLOCKS), THREADS, 0),
                (long) words.rows(),
                weights.columns() / TILE_SIDE,
                2 * words.columns(),
                trellis.stateBits(),
                trellis.stepBits(),
                rowBits(),
                words.address(),
                table,
                weights);
    }

    /** What stands in the weights is added to the entries of the table that they are taken from. */
    void addToTable(Kernels kernels, DeviceMemory memory, Transfers transfers, int multiprocessors) {
        if (weights.size() == 0) {
            return;
        }
        int entries = 2 * table.rows();
        try (Scratch scratch = new Scratch(memory)) {
            long sums = scratch.bytes("sums of a table", (entries + 1L) * Long.BYTES);
            long largest = sums + (long) entries * Long.BYTES;
            transfers.clear(sums, (entries + 1L) * Long.BYTES);
            kernels.launch(
                    "reduce",
                    "max_magnitude",
                    Launch.rows(weights.rows(), PARTS),
                    (long) weights.rows(),
                    (long) weights.columns(),
                    weights,
                    largest);
            sum(kernels, multiprocessors, largest, sums);
            kernels.launch(
                    MODULE,
                    "add_pairs",
                    Launch.line(Launch.blocks(entries, 256), 256, 0),
                    entries,
                    largest,
                    fraction(),
                    sums,
                    table);
        }
    }

    private void sum(Kernels kernels, int multiprocessors, long largest, long sums) {
        int bytes = 2 * table.rows() * Long.BYTES;
        boolean inShared = bytes <= MOST_SHARED_BYTES;
        int blocks = Math.min(Launch.blocks(words.rows(), TOGETHER), BLOCKS_PER_MULTIPROCESSOR * multiprocessors);
        kernels.launch(
                MODULE,
                "sum_pairs",
                Launch.line(blocks, THREADS, inShared ? bytes : 0),
                (long) words.rows(),
                weights.columns() / TILE_SIDE,
                2 * words.columns(),
                trellis.stateBits(),
                trellis.stepBits(),
                rowBits(),
                words.address(),
                weights,
                largest,
                fraction(),
                inShared ? 1 : 0,
                sums);
    }

    private int rowBits() {
        return Integer.numberOfTrailingZeros(table.rows());
    }

    /** The bits of a summand: all pairs together stay below 2^62. */
    private int fraction() {
        long pairs = (long) PAIRS * words.rows();
        return Long.SIZE - 2 - (Long.SIZE - Long.numberOfLeadingZeros(pairs - 1));
    }
}
