package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The product of one vector with a packed matrix of 2048 × 2048 weights, on all cores. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgs = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class MatvecJmh {

    private static final int SIZE = 2048;

    @Param({"3inst", "1mad", "mul1", "hyb", "pair", "lloyd-max", "e8p"})
    private String code = "";

    @Param({"2", "4"})
    private int bits;

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Workspace workspace = backend.workspace();
    private final Matrix product = workspace.matrix(1, SIZE);
    private Runnable work = () -> {};
    private Runnable release = () -> {};

    @Setup
    public void load() {
        try (Arena arena = Arena.ofConfined()) {
            Matrix vector = workspace.copyOf(Bench.gaussian(arena, "matvec", 1, SIZE, 1));
            Quantizer quantizer = Codes.quantizer(code, Codes.USUAL_STATE_BITS, bits);
            PackedMatrix matrix = quantizer.load(backend.packed(), SIZE, SIZE);
            work = () -> backend.packed().multiply(matrix, vector, product);
            release = matrix::close;
        }
    }

    @Benchmark
    public Matrix product() {
        work.run();
        return product;
    }

    @TearDown
    public void close() {
        release.run();
        workspace.close();
        backend.close();
    }
}
