package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
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

/** Encoding of one sequence of 256 weights on one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgs = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class EncodeJmh {

    @Param({"3inst", "hyb", "pair", "e8p"})
    private String code = "";

    @Param({"2", "3", "4"})
    private int bits;

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Workspace workspace = backend.workspace();
    private final Matrix decoded = workspace.matrix(1, CodesBenchmark.LENGTH);
    private Matrix sequence = decoded;
    private Quantizer.Encoder encoder = (_, _) -> {};

    @Setup
    public void draw() {
        Quantizer quantizer = Codes.quantizer(code, Codes.USUAL_STATE_BITS, bits);
        try (Arena arena = Arena.ofConfined()) {
            sequence =
                    workspace.copyOf(Bench.gaussian(arena, "encode", 1, CodesBenchmark.LENGTH, quantizer.usualScale()));
        }
        encoder = quantizer.open(backend, workspace, 1, CodesBenchmark.LENGTH);
    }

    @Benchmark
    public Matrix sequence() {
        encoder.encode(sequence, decoded);
        return decoded;
    }

    @TearDown
    public void close() {
        workspace.close();
        backend.close();
    }
}
