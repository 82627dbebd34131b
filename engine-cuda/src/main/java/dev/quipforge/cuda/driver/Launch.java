package dev.quipforge.cuda.driver;

/**
 * The geometry of a kernel launch.
 *
 * @param gridX blocks along x
 * @param gridY blocks along y
 * @param gridZ blocks along z
 * @param blockX threads of a block along x
 * @param blockY threads of a block along y
 * @param sharedBytes dynamic shared memory of a block
 */
public record Launch(int gridX, int gridY, int gridZ, int blockX, int blockY, int sharedBytes) {

    private static final int THREADS = 256;
    private static final int MOST_Y = 65535;

    /** Blocks of 256 threads along the columns, with the rows in y; the kernel loops over what is beyond the grid. */
    public static Launch elements(long rows, long columns) {
        return new Launch(blocks(columns, THREADS), Math.clamp(rows, 1, MOST_Y), 1, THREADS, 1, 0);
    }

    /** Tiles of 32 x 32 elements, 32 x 8 threads each. */
    public static Launch tiles(long rows, long columns) {
        return new Launch(blocks(columns, 32), Math.min(blocks(rows, 32), MOST_Y), 1, 32, 8, 0);
    }

    /** One block of 256 threads a row, at most {@code most} of them; the kernel loops over the others. */
    public static Launch rows(long rows, int most) {
        return line(Math.clamp(rows, 1, most), THREADS, 0);
    }

    /** Blocks along x only. */
    public static Launch line(int blocks, int threads, int sharedBytes) {
        return new Launch(blocks, 1, 1, threads, 1, sharedBytes);
    }

    /** Blocks that {@code count} items take, {@code size} a block; at least one. */
    public static int blocks(long count, int size) {
        return Math.toIntExact(Math.max(1, (count + size - 1) / size));
    }
}
