package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The most memory that a piece of work had in use. It counts from its construction to {@link #close}.
 */
final class MemoryPeaks implements AutoCloseable {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ANONYMOUS = "RssAnon:";
    private static final long KIBI = 1024;
    private static final long EVERY = 20_000_000;

    private final ComputeBackend backend;
    private final List<MemoryPoolMXBean> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    private final Thread sampler;
    private volatile long resident;
    private volatile boolean done;

    /**
     * What was seen.
     *
     * @param device bytes in use by the backend: on the CPU a part of {@code resident}
     * @param heap bytes of the Java heap, garbage included: the sum of the peaks of its pools
     * @param resident bytes that this process had in memory which are not those of files: heap, arenas, libraries and the
     *     driver's; sampled; 0 where there is no {@code /proc}
     */
    record Seen(long device, long heap, long resident) {}

    MemoryPeaks(ComputeBackend backend) {
        this.backend = backend;
        backend.resetPeak();
        heap.forEach(MemoryPoolMXBean::resetPeakUsage);
        this.sampler = Thread.ofPlatform().daemon().name("resident memory").start(this::sample);
    }

    private void sample() {
        while (!done) {
            resident = Math.max(resident, anonymous());
            LockSupport.parkNanos(EVERY);
        }
    }

    private static long anonymous() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(ANONYMOUS))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBI)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** What was seen so far. */
    Seen seen() {
        long ofHeap =
                heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        return new Seen(backend.peakBytes(), ofHeap, Math.max(resident, anonymous()));
    }

    @Override
    public void close() {
        done = true;
        LockSupport.unpark(sampler);
    }
}
