package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What codes lose on weights of N(0, 1): the mean squared error at the scale that suits each best, beside the
 * rate-distortion bound 4^−bits. The scale is fitted to other samples than the error is measured on.
 */
public final class CodesBenchmark {

    /** Weights of a sequence: a tile of 16 × 16. */
    static final int LENGTH = 256;

    /** Sequences that the scale is fitted to, at most. */
    private static final int FITTED = 64;

    /** Computed and drawn values with more state than the papers use, at 2 bits. */
    private static final List<String> LARGER = List.of("3inst", "lut");

    private static final int LARGER_STATE_BITS = 18;

    private final Bench bench;
    private final ComputeBackend backend;

    private CodesBenchmark(Bench bench) {
        this.bench = bench;
        this.backend = bench.backend();
    }

    /**
     * Measures codes.
     *
     * @param bench where
     * @param codes which; when nothing is chosen, codes of more states too
     * @param samples weights that the error is measured on, rounded up to whole sequences of 256
     */
    public static Report run(Bench bench, Codes codes, int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples: " + samples + " (expected: at least 1)");
        }
        int sequences = Math.ceilDiv(samples, LENGTH);
        List<Quantizer> quantizers = codes.quantizers();
        if (codes.unchosen()) {
            LARGER.forEach(name -> quantizers.add(Codes.quantizer(name, LARGER_STATE_BITS, 2)));
        }
        CodesBenchmark benchmark = new CodesBenchmark(bench);
        List<Map<String, Object>> results = new ArrayList<>();
        for (Quantizer quantizer : quantizers) {
            results.add(benchmark.measure(quantizer, sequences));
        }
        Map<String, Object> setting = bench.setting();
        setting.put("tailBiting", "seam");
        setting.put("sequenceLength", LENGTH);
        return new Report(setting, results);
    }

    private Map<String, Object> measure(Quantizer quantizer, int sequences) {
        bench.progress().accept("codes: " + quantizer.name() + ", " + quantizer.bits() + " bits");
        double scale;
        double error;
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix fitted = draw(arena, "codes/fit", Math.min(FITTED, sequences));
            scale = ScaleFit.least(candidate -> error(quantizer, fitted, candidate), quantizer.usualScale());
            error = error(quantizer, draw(arena, "codes", sequences), scale);
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("code", quantizer.name());
        row.put("bits", quantizer.bits());
        row.put("L", quantizer.stateBits());
        row.put("mse", error);
        row.put("bound", Math.pow(4, -quantizer.bits()));
        row.put("scale", scale);
        row.put("samples", sequences * LENGTH);
        return row;
    }

    private static HostMatrix draw(Arena arena, String name, int sequences) {
        return StratifiedGaussian.draw(arena, Bench.random(name), sequences, LENGTH);
    }

    /** The mean squared error of {@code samples} when they are multiplied by {@code scale}, encoded, and divided again. */
    private double error(Quantizer quantizer, HostMatrix samples, double scale) {
        DenseOps dense = backend.dense();
        try (Workspace workspace = backend.workspace()) {
            Matrix source = workspace.copyOf(samples);
            Matrix decoded = workspace.matrix(samples.rows(), samples.columns());
            dense.scale(source, (float) scale);
            quantizer
                    .open(backend, workspace, samples.rows(), samples.columns())
                    .encode(source, decoded);
            dense.add(-1, source, decoded);
            return dense.innerProduct(decoded, decoded) / (scale * scale * samples.rows() * (double) samples.columns());
        }
    }
}
