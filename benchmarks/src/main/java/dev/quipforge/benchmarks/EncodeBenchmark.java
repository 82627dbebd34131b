package dev.quipforge.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.trellis.Trellis;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many weights a second are encoded: on one thread and, on the CPU, on all; and by two plain programs of the same
 * algorithm on one thread, with 3INST of 2^16 states at 2 bits.
 */
public final class EncodeBenchmark {

    private static final int LENGTH = CodesBenchmark.LENGTH;

    /** Sequences of one call, for a card and for each thread of the CPU. */
    private static final int SEQUENCES_OF_A_CARD = 2112;

    private static final int SEQUENCES_OF_A_THREAD = 32;

    private static final int YARDSTICK_BITS = 2;

    /** Sequences that the yardsticks encode. */
    private static final int YARDSTICK_SEQUENCES = 9;

    private final Bench bench;
    private final ComputeBackend backend;

    private EncodeBenchmark(Bench bench) {
        this.bench = bench;
        this.backend = bench.backend();
    }

    /**
     * Measures the encoding of codes.
     *
     * @param bench where
     * @param codes which
     * @throws IOException when gcc is there and its program does not work
     */
    public static Report run(Bench bench, Codes codes) throws IOException, InterruptedException {
        EncodeBenchmark benchmark = new EncodeBenchmark(bench);
        List<Map<String, Object>> results = new ArrayList<>();
        for (Quantizer quantizer : codes.quantizers()) {
            benchmark.measure(quantizer, results);
        }
        Map<String, Object> setting = bench.setting();
        setting.put("tailBiting", "seam");
        setting.put("sequenceLength", LENGTH);
        return new Report(setting, results, benchmark.yardsticks());
    }

    private void measure(Quantizer quantizer, List<Map<String, Object>> results) {
        bench.progress().accept("encode: " + quantizer.name() + ", " + quantizer.bits() + " bits");
        int threads = bench.threads();
        if (bench.onCard()) {
            results.add(row(quantizer, 1, SEQUENCES_OF_A_CARD));
            return;
        }
        // first, so that the encoder is compiled before a thread is measured alone
        Map<String, Object> all = row(quantizer, threads, threads * SEQUENCES_OF_A_THREAD);
        // one sequence at a time keeps one thread busy, whatever the backend has
        results.add(row(quantizer, 1, 1));
        if (threads > 1) {
            results.add(all);
        }
    }

    private Map<String, Object> row(Quantizer quantizer, int threads, int sequences) {
        double seconds;
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend.workspace()) {
            Matrix source =
                    workspace.copyOf(Bench.gaussian(arena, "encode", sequences, LENGTH, quantizer.usualScale()));
            Matrix decoded = workspace.matrix(sequences, LENGTH);
            Quantizer.Encoder encoder = quantizer.open(backend, workspace, sequences, LENGTH);
            seconds = bench.seconds(decoded, () -> encoder.encode(source, decoded));
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("code", quantizer.name());
        row.put("bits", quantizer.bits());
        row.put("L", quantizer.stateBits());
        row.put("threads", threads);
        row.put("sequences", sequences);
        row.put("weightsPerSecond", sequences * LENGTH / seconds);
        return row;
    }

    private Map<String, Object> yardsticks() throws IOException, InterruptedException {
        bench.progress().accept("encode: plain programs");
        Trellis trellis = Trellis.of("3inst", Codes.USUAL_STATE_BITS, YARDSTICK_BITS);
        List<float[]> sequences = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            double scale = new Quantizer.OfTrellis(trellis).usualScale();
            HostMatrix drawn = Bench.gaussian(arena, "encode/plain", YARDSTICK_SEQUENCES, LENGTH, scale);
            for (int i = 0; i < drawn.rows(); i++) {
                sequences.add(drawn.row(i).toArray(JAVA_FLOAT));
            }
        }
        Optional<CProgram.Measured> c = CProgram.run(trellis.table(), sequences);
        PlainViterbi java = new PlainViterbi(trellis.table(), YARDSTICK_BITS, LENGTH);
        float[] first = sequences.getFirst();
        double seconds = bench.stopwatch().median(() -> java.encode(first), () -> {});
        double cost = 0;
        for (float[] sequence : sequences) {
            cost += java.cost(sequence, java.encode(sequence));
        }
        Map<String, Object> yardsticks = new LinkedHashMap<>();
        yardsticks.put("c", c.map(measured -> LENGTH / measured.secondsPerSequence()));
        yardsticks.put("scalarJava", LENGTH / seconds);
        yardsticks.put("compiler", c.isPresent() ? String.join(" ", CProgram.COMPILE) : "no gcc on this machine");
        yardsticks.put("errorOfC", c.map(CProgram.Measured::squaredError));
        yardsticks.put("errorOfScalarJava", cost / (LENGTH * (double) YARDSTICK_SEQUENCES));
        return yardsticks;
    }
}
