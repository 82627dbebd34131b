package dev.quipforge.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.cuda.ops.PackedOctets;
import dev.quipforge.cuda.ops.PackedTrellis;
import dev.quipforge.engine.codebook.EightP;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.trellis.Trellis;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Who has which block needs no card: the addresses of these blocks lead nowhere. */
class DeviceMemoryTest {

    private static final long MIB = 1 << 20;

    private final NumberedBlocks source = new NumberedBlocks(64 * MIB);
    private final DeviceMemory memory = new DeviceMemory(source);

    /** A source of {@code left} bytes. */
    private static final class NumberedBlocks implements MemorySource {

        private final ReentrantLock lock = new ReentrantLock();
        private final List<Long> sizes = new ArrayList<>();
        private long left;

        NumberedBlocks(long left) {
            this.left = left;
        }

        @Override
        public long allocate(long bytes) {
            if (bytes > left) {
                return 0;
            }
            left -= bytes;
            sizes.add(bytes);
            return (long) sizes.size() << 32;
        }

        @Override
        public void free(long address) {
            left += sizes.get((int) (address >>> 32) - 1);
        }

        @Override
        public void synchronize() {
            // nothing is ever queued
        }

        @Override
        public long freeBytes() {
            return left;
        }

        @Override
        public <T> T call(Supplier<T> work) {
            lock.lock();
            try {
                return work.get();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void run(Runnable work) {
            call(() -> {
                work.run();
                return true;
            });
        }
    }

    @Test
    void whatIsGivenBackIsLentAgainToTheNextThatFits() {
        long block = memory.allocate("first", 1000);
        memory.free(block);
        assertThat(memory.allocate("too large", 2000)).isNotEqualTo(block);
        assertThat(memory.allocate("second", 900)).isEqualTo(block);
        assertThat(memory.size(block)).isEqualTo(1024);
    }

    @Test
    void aPackedMatrixThatIsClosedTwiceGivesItsMemoryToOneOwner() {
        OwnedMemory tiles = new OwnedMemory(memory);
        long words = tiles.allocate("words", 4 * MIB);
        long pairs = tiles.allocate("pairs", 1024);
        OwnedMemory planes = new OwnedMemory(memory);
        long plane = planes.allocate("plane", 4 * MIB);
        List<PackedMatrix> matrices = List.of(
                new PackedTrellis(Trellis.of("hyb", 16, 2), null, tiles, words, pairs, 16, 16),
                new PackedOctets(EightP.CODEBOOK, planes, plane, 0, 16, 16));
        assertThat(memory.held()).isEqualTo(8 * MIB + 1024);
        for (PackedMatrix matrix : matrices) {
            matrix.close();
            long first = memory.allocate("first", 4 * MIB);
            matrix.close();
            assertThat(memory.allocate("second", 4 * MIB)).isNotEqualTo(first);
        }
        assertThat(memory.held()).isZero();
    }

    @Test
    void thePeakIsOfEverythingThatWasLentAtOnceAndBeginsAnew() {
        long held = memory.take("matrix", 8 * MIB);
        long scratch = memory.allocate("scratch", 4 * MIB);
        memory.free(scratch);
        assertThat(memory.held()).isEqualTo(8 * MIB);
        assertThat(memory.peak()).isEqualTo(12 * MIB);
        memory.resetPeak();
        assertThat(memory.peak()).isEqualTo(8 * MIB);
        memory.release(held);
        memory.free(memory.allocate("scratch", 2 * MIB));
        assertThat(memory.peak()).isEqualTo(8 * MIB);
    }

    @Test
    void aBlockThatNobodyHasIsNotGivenBack() {
        long block = memory.allocate("block", 512);
        memory.free(block);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.free(block))
                .withMessage("address: " + block + " (expected: a block that is lent)");
    }

    /** A map that another thread changes must not be read. */
    @Test
    void theSizeOfABlockIsReadUnderTheLock() throws InterruptedException {
        long block = memory.allocate("block", 512);
        Thread reader = new Thread(() -> memory.size(block));
        source.lock.lock();
        try {
            reader.start();
            while (reader.isAlive() && !source.lock.hasQueuedThread(reader)) {
                Thread.onSpinWait();
            }
            assertThat(reader.isAlive()).isTrue();
        } finally {
            source.lock.unlock();
        }
        reader.join();
    }

    @Test
    void whatIsCachedIsGivenToTheDriverBeforeMemoryEnds() {
        memory.free(memory.allocate("first", 40 * MIB));
        long all = memory.allocate("all", 64 * MIB);
        assertThat(memory.size(all)).isEqualTo(64 * MIB);
        assertThatExceptionOfType(DeviceOutOfMemoryException.class)
                .isThrownBy(() -> memory.allocate("more", 10))
                .withMessage("more: 10 bytes (free on the device: 0, held by open workspaces: 0)");
    }
}
