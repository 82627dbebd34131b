package dev.quipforge.benchmarks;

import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * A tensor of random numbers, drawn while it is written: ones where it is a vector, else draws of N(0, 1 / columns).
 *
 * @param name its name, which decides the draws
 * @param shape length of every dimension
 */
record RandomTensor(String name, List<Long> shape) implements WritableTensor {

    /** Elements that one task draws. */
    private static final long PART = 1L << 20;

    /** Parts in memory at once. */
    private static final int PARTS = 32;

    /** Different draws: the upper half of a random number picks one. */
    private static final int DRAWS = 1 << 16;

    @Override
    public DataType type() {
        return DataType.BF16;
    }

    @Override
    public void writeTo(Sink sink) throws IOException {
        long elements = bytes() / Short.BYTES;
        short[] draws = draws(shape.size() == 1, 1 / Math.sqrt(shape.getLast()));
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = arena.allocate(Math.min(elements, PARTS * PART) * Short.BYTES, 64);
            for (long first = 0; first < elements; first += PARTS * PART) {
                long end = Math.min(elements, first + PARTS * PART);
                fill(buffer, first, end, draws);
                sink.write(buffer.asSlice(0, (end - first) * Short.BYTES));
            }
        }
    }

    private void fill(MemorySegment buffer, long first, long end, short[] draws) {
        long before = first / PART;
        LongStream.range(before, Math.ceilDiv(end, PART)).parallel().forEach(part -> {
            SplittableRandom own = new SplittableRandom(name.hashCode() * 1_000_003L + part);
            long last = Math.min(end, (part + 1) * PART);
            for (long i = part * PART; i < last; i++) {
                buffer.setAtIndex(ValueLayout.JAVA_SHORT, i - first, draws[(int) (own.nextLong() >>> 48)]);
            }
        });
    }

    private static short[] draws(boolean ones, double deviation) {
        SplittableRandom random = new SplittableRandom(DRAWS);
        short[] draws = new short[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            float value = ones ? 1 : (float) (random.nextGaussian() * deviation);
            draws[i] = (short) (Float.floatToIntBits(value) >>> Short.SIZE);
        }
        return draws;
    }
}
