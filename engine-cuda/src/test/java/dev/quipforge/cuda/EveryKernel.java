package dev.quipforge.cuda;

import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.ops.CudaHadamardOps;
import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.FloatFormat;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.PagedInputs;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.packing.PackedCodes;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.engine.trellis.TrellisCodes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Launches every kernel, or those of the parts that the arguments name, on small odd shapes, for compute-sanitizer: {@code
 * compute-sanitizer --tool racecheck java … EveryKernel}.
 * Whether results are right is for the contract to say.
 */
final class EveryKernel {

    private final CudaBackend backend;
    private final Workspace workspace;

    private EveryKernel(CudaBackend backend, Workspace workspace) {
        this.backend = backend;
        this.workspace = workspace;
    }

    public static void main(String[] arguments) {
        try (CudaBackend backend = (CudaBackend) new CudaBackendProvider().open();
                Workspace workspace = backend.workspace()) {
            Map<String, Runnable> parts = new EveryKernel(backend, workspace).parts();
            List<String> chosen = arguments.length == 0 ? List.copyOf(parts.keySet()) : List.of(arguments);
            chosen.forEach(part -> Objects.requireNonNull(parts.get(part), part).run());
            backend.device().synchronize();
            System.out.println("launched every kernel of " + chosen);
        }
    }

    private Map<String, Runnable> parts() {
        Map<String, Runnable> parts = new LinkedHashMap<>();
        parts.put("dense", this::dense);
        parts.put("hadamard", this::hadamard);
        parts.put("factors", this::factors);
        parts.put("codebooks", this::codebooks);
        parts.put("trellises", this::trellises);
        parts.put("tables", this::tables);
        parts.put("transformer", this::transformer);
        parts.put("gradients", this::gradients);
        parts.put("attentionGradients", this::attentionGradients);
        parts.put("packed", this::packed);
        parts.put("decoding", this::decoding);
        return parts;
    }

    private void decoding() {
        backend.decode().project(random(11, 70), random(37, 70), random(11, 37));
        backend.decode().putRows(random(3, 70), workspace.copyOf(1, 3, new int[] {4, -1, 0}), random(9, 70));
        RotaryGeometry geometry = RotaryGeometry.whole(32);
        IntMatrix positions = workspace.copyOf(1, 5, new int[] {0, 9, 9, 700, 3});
        backend.decode().rotate(random(5, 96), geometry, random(1, 16), positions);
        PagedInputs inputs = new PagedInputs(
                random(3, 20 * 36),
                random(40 * 16, 2 * 36),
                random(40 * 16, 2 * 20),
                random(1, 20),
                workspace.copyOf(2, 38, IntStream.range(0, 76).map(i -> i % 38).toArray()),
                workspace.copyOf(1, 3, new int[] {0, 1, 1}),
                workspace.copyOf(1, 3, new int[] {601, 0, 5}),
                16);
        AttentionGeometry attention = new AttentionGeometry(20, 2, 36, 20, 0.2f, 400, 30);
        backend.decode().attend(attention, inputs, random(3, 20 * 20));
    }

    private Matrix random(int rows, int columns) {
        SplittableRandom random = new SplittableRandom(rows * 31L + columns);
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, rows, columns);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    host.set(i, j, (float) random.nextGaussian());
                }
            }
            return workspace.copyOf(host);
        }
    }

    private void dense() {
        Matrix a = random(67, 40);
        Matrix b = random(67, 40);
        Matrix square = random(1032, 1032);
        backend.dense().add(2, a, b);
        backend.dense().scale(a, 0.5f);
        backend.dense().scaleRows(a, random(1, 67));
        backend.dense().scaleColumns(a, random(1, 40));
        backend.dense().addToDiagonal(square, 1);
        backend.dense().transpose(a, random(40, 67));
        backend.dense().gatherColumns(a, workspace.copyOf(1, 3, new int[] {39, 0, 7}), random(67, 3));
        backend.dense().columnEnergies(a, random(1, 40));
        backend.dense().maxMagnitude(a);
        backend.dense().innerProduct(a, b);
        backend.dense().meanDiagonal(square);
        backend.dense().allFinite(a);
        backend.dense().project(a, List.of(random(24, 40), random(8, 40)), List.of(random(67, 24), random(67, 8)));
        backend.dense().addActivationGram(random(65, 1032), square);
        backend.dense().addGram(random(33, 1032), square);
        backend.dense().addGram(random(2311, 2080), random(2080, 2080));
        for (FloatFormat format : FloatFormat.values()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment elements = arena.allocate(67L * 37 * format.bytes());
                backend.upload(format, elements, random(67, 40).columns(2, 39));
            }
        }
    }

    private void hadamard() {
        for (int order : new int[] {64, 1024, 384, 640, 28 * 64, 36 * 16, 52 * 4, 60 * 8, 108, 172 * 2, 4096, 57344}) {
            Hadamard transform = Hadamard.of(order);
            Matrix rows = random(3, order);
            backend.hadamard().transformRows(transform, rows);
            backend.hadamard().transformRowsInverse(transform, rows);
            Matrix columns = random(order, 5);
            backend.hadamard().transformColumns(transform, columns);
            backend.hadamard().transformColumnsInverse(transform, columns);
        }
        CudaHadamardOps halves = (CudaHadamardOps) backend.hadamard();
        for (int order :
                new int[] {64, 108, 768, 1536, 1024, 2048, 4096, 8192, 1792, 3584, 7168, 14336, 28672, 3840, 7680}) {
            for (CudaHadamardOps.Half type : CudaHadamardOps.Half.values()) {
                Matrix memory = random(5, (order + 24) / 2);
                long address = DeviceMatrix.require(memory).address();
                halves.transformHalves(Hadamard.of(order), false, type, 5, address, (order + 24) / 8 * 8L);
            }
        }
    }

    private void factors() {
        Matrix gram = workspace.matrix(144, 144);
        backend.dense().addGram(random(200, 144), gram);
        backend.dense().addToDiagonal(gram, 10);
        backend.factor().cholesky(gram);
        backend.factor().blockUnitLower(gram, 16);
    }

    private void codebooks() {
        for (Codebook codebook : Codebooks.all()) {
            Matrix vectors = random(37, 5 * codebook.dimension());
            IntMatrix codes = workspace.integers(37, 5);
            backend.codebook().encode(codebook, vectors, codes, vectors);
            backend.codebook().decode(codebook, codes, vectors);
            int width = 24;
            int[] words = new int[PackedCodes.words(codebook, 48, width)];
            backend.codebook().decodePacked(codebook, words, random(48, width * codebook.dimension()));
        }
        Matrix lowers = random(2 * 70, 70);
        CodebookOps.Span span = new CodebookOps.Span(
                List.of(lowers.rows(0, 70), lowers.rows(70, 140)),
                random(74, 70),
                random(74, 70),
                random(74, 71).columns(1, 71));
        backend.codebook().roundSpan(Codebooks.of("uniform", 3), span, workspace.integers(74, 70));
    }

    private void trellises() {
        int[] positions = IntStream.range(0, 256).toArray();
        List<Trellis> trellises = List.of(
                Trellis.of("3inst", 16, 2),
                Trellis.of("3inst", 16, 3),
                Trellis.of("3inst", 16, 4),
                Trellis.of("hyb", 16, 2),
                Trellis.of("pair", 16, 2),
                Trellis.of("pair", 16, 3),
                Trellis.of("hyb", 16, 4),
                Trellis.of("3inst", 12, 2));
        for (Trellis trellis : trellises) {
            Matrix sequences = random(5, 64);
            IntMatrix states = workspace.integers(5, 64 / trellis.values());
            for (TailBiting tailBiting : TailBiting.values()) {
                backend.trellis().encode(trellis, tailBiting, sequences, states, random(5, 64));
            }
            backend.trellis().pack(trellis, states);
            short[] words = new short[2 * 3 * 16 * trellis.bits()];
            backend.trellis().decodeTiles(trellis, positions, words, random(32, 48));
        }
    }

    private void tables() {
        Trellis trellis = Trellis.of("hyb", 16, 2);
        for (int rows : new int[] {512, 4096}) {
            Matrix table = random(rows, 2);
            IntMatrix words = workspace.integers(2 * 3, 8 * trellis.bits());
            backend.trellis().decodeTiles(trellis, words, table, random(32, 48));
            backend.gradient().addTable(trellis, words, random(32, 48), table);
        }
    }

    private void transformer() {
        Matrix table = random(19, 64);
        backend.transformer().embed(table, workspace.copyOf(1, 3, new int[] {3, 18, 0}), random(3, 64));
        backend.transformer().rmsNorm(table, random(1, 64), 1e-5f, table);
        backend.transformer().rotate(random(12, 128), RotaryGeometry.whole(64), random(1, 32), 6, 3);
        Matrix gate = random(19, 64);
        backend.transformer().gate(GatedActivation.SILU, gate, table);
        backend.transformer().logProbabilities(table, workspace.copyOf(1, 19, new int[19]));
        backend.transformer().divergence(table, gate);
        backend.transformer().argmaxRows(table);
        for (int width : new int[] {16, 64, 128, 256}) {
            for (int queries : new int[] {70, 300}) {
                AttentionGeometry geometry = AttentionGeometry.of(4, 2, width);
                backend.transformer()
                        .causalAttention(
                                geometry,
                                new AttentionInputs(
                                        random(2 * queries, 4 * width),
                                        random(2 * (queries + 9), 2 * width),
                                        random(2 * (queries + 9), 2 * width)),
                                2,
                                random(2 * queries, 4 * width));
            }
        }
    }

    private void gradients() {
        Matrix slope = random(67, 24);
        Matrix input = random(67, 40);
        Matrix weight = random(24, 40);
        backend.gradient().project(List.of(slope), List.of(weight), random(67, 40));
        backend.gradient().addWeight(slope, input, weight);
        backend.gradient().addWeight(slope.columns(0, 5), input, weight.rows(0, 5));
        backend.gradient().addColumnProducts(input, random(67, 40), random(1, 40));
        backend.gradient().rmsNorm(input, random(1, 40), 1e-5f, input, random(67, 40), random(1, 40));
        backend.gradient().rotate(random(12, 128), RotaryGeometry.whole(64), random(1, 32), 6, 3);
        backend.gradient().gate(GatedActivation.SILU, input, input, input, random(67, 40), random(67, 40));
        backend.gradient().squaredError(input, random(67, 40), 1, random(67, 40));
        backend.gradient().divergence(input, random(67, 40), 1, random(67, 40));
        backend.gradient().adam(AdamStep.usual(1, 1), input, random(67, 40), random(67, 40), random(67, 40));
    }

    private void attentionGradients() {
        for (int width : new int[] {33, 64, 128}) {
            for (int length : new int[] {70, 300}) {
                Matrix query = random(2 * length, 4 * width);
                Matrix key = random(2 * length, 2 * width);
                backend.gradient()
                        .causalAttention(
                                AttentionGeometry.of(4, 2, width),
                                new AttentionInputs(query, key, key),
                                query,
                                2,
                                query,
                                new AttentionInputs(
                                        random(2 * length, 4 * width),
                                        random(2 * length, 2 * width),
                                        random(2 * length, 2 * width)));
            }
        }
    }

    private void packed() {
        for (String code : TrellisCodes.names()) {
            for (int bits = 2; bits <= 4; bits++) {
                Trellis trellis = Trellis.of(code, 16, bits);
                short[] words = new short[2 * 5 * 16 * bits];
                try (PackedMatrix matrix = backend.packed().load(trellis, 32, 80, words)) {
                    backend.packed().multiply(matrix, random(1, 80), random(1, 32));
                    backend.packed().multiply(matrix, random(3, 80), random(3, 32));
                }
            }
        }
        for (Codebook codebook : Codebooks.all()) {
            int columns = 5 * codebook.dimension();
            try (PackedMatrix matrix = backend.packed().load(codebook, 7, columns, new int[7 * 5])) {
                backend.packed().multiply(matrix, random(1, columns), random(1, 7));
                backend.packed().multiply(matrix, random(3, columns), random(3, 7));
            }
        }
    }
}
