package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DeviceProfiler;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.random.TensorRandom;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What every benchmark needs.
 *
 * @param backend what is measured
 * @param stopwatch how it is timed
 * @param progress hears what is being measured
 */
public record Bench(ComputeBackend backend, Stopwatch stopwatch, Consumer<String> progress) {

    private static final long SEED = 0;
    private static final String CUDA = "cuda";
    private static final String VECTOR = "vector";

    /** The first entries of every report: the device, and the seed of what is drawn. */
    Map<String, Object> setting() {
        Map<String, Object> setting = new LinkedHashMap<>();
        setting.put("backend", backend.name());
        setting.put("device", backend.description());
        setting.put("seed", SEED);
        return setting;
    }

    /** Whether this is a card, which takes larger pieces of work. */
    public boolean onCard() {
        return backend.name().startsWith(CUDA);
    }

    /** Threads that the backend shares a large operation between. */
    int threads() {
        int processors = Runtime.getRuntime().availableProcessors();
        return backend.name().equals(VECTOR) ? Integer.getInteger("quipforge.threads", processors) : 1;
    }

    /**
     * Median seconds of {@code work}.
     *
     * @param result what the work writes to: a part of it is fetched at the end of a round, which waits for the device
     */
    double seconds(Matrix result, Runnable work) {
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix first = HostMatrix.allocate(arena, 1, 1);
            Matrix corner = result.rows(0, 1).columns(0, 1);
            return stopwatch.median(work, () -> backend.download(corner, first));
        }
    }

    /**
     * {@link #seconds} by the clock of the device where it has one, without what it takes to queue the work.
     *
     * @param calls how many calls to queue together there
     * @param result what the work writes to
     * @param work must not wait for the device
     */
    double deviceSeconds(int calls, Matrix result, Runnable work) {
        Optional<DeviceProfiler> profiler = backend.profiler();
        if (profiler.isEmpty()) {
            return seconds(result, work);
        }
        work.run();
        return profiler.get().seconds(work, calls, stopwatch.span());
    }

    /** Device seconds of a baseline, which is closed afterwards; none where there is no profiler. */
    Optional<Double> baselineSeconds(int calls, Function<DeviceProfiler, DeviceProfiler.Baseline> offer) {
        return backend.profiler().map(profiler -> {
            try (DeviceProfiler.Baseline baseline = offer.apply(profiler)) {
                baseline.run();
                return profiler.seconds(baseline, calls, stopwatch.span());
            }
        });
    }

    /** The generator of what is called {@code name}. */
    static RandomGenerator random(String name) {
        return TensorRandom.of(SEED, name);
    }

    /** A matrix of N(0, deviation²) in host memory; the name decides the draws. */
    static HostMatrix gaussian(Arena arena, String name, int rows, int columns, double deviation) {
        RandomGenerator random = random(name);
        HostMatrix host = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                host.set(i, j, (float) (random.nextGaussian() * deviation));
            }
        }
        return host;
    }
}
