package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import dev.quipforge.llm.safetensors.Tensors;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * QTIP: every tile of 16 × 16 weights is one tail-biting trellis sequence, row by row (QTIP, section 4). The codes of a
 * linear are {@code .trellis}, I16, [tiles × 16 · bits]; with HYB it may have a table of its own, {@code .tlut}.
 */
final class TrellisFormat implements WeightFormat {

    /** What the root mean square of the weights is, in units of the code's own: the published recipe's scale override. */
    private static final double LOADING = 0.9;

    static final String SUFFIX = ".trellis";
    private static final int SIDE = PackedTiles.SIDE;
    private static final int SEQUENCE = SIDE * SIDE;

    private final Trellis trellis;
    private final TailBiting ends;
    private final int passes;

    TrellisFormat(QuantizationConfig config) {
        this.trellis = Trellis.of(config.code().key(), QuantizationConfig.STATE_BITS, config.bits());
        this.ends = config.tailBiting();
        this.passes = config.passes();
    }

    @Override
    public int rowUnit() {
        return SIDE;
    }

    @Override
    public int columnUnit() {
        return SIDE;
    }

    @Override
    public double rms() {
        return trellis.rms() * LOADING;
    }

    @Override
    public Rounding rounding(ComputeBackend backend, int rows, int columns, Progress progress) {
        return new Tiles(backend, rows, columns, new Feedback(backend, SIDE, passes, progress));
    }

    @Override
    public String suffix() {
        return SUFFIX;
    }

    @Override
    public StoredTensor codes(int rows, int columns) {
        long tiles = (long) (rows / SIDE) * (columns / SIDE);
        return new StoredTensor(DataType.I16, List.of(tiles, (long) SIDE * trellis.bits()));
    }

    @Override
    public Optional<StoredTensor> table() {
        return trellis.code() instanceof Hybrid hybrid
                ? Optional.of(new StoredTensor(DataType.F16, List.of((long) hybrid.rows(), (long) hybrid.values())))
                : Optional.empty();
    }

    @Override
    public Optional<TableCodes> tableCodes(
            ComputeBackend backend, Workspace workspace, TensorSource tensors, String linear) {
        return trellis.code() instanceof Hybrid
                ? Optional.of(TableCodes.load(backend, workspace, trellis, tensors, linear))
                : Optional.empty();
    }

    @Override
    public PackedMatrix load(ComputeBackend backend, TensorSource tensors, String linear, int rows, int columns) {
        short[] words = tensors.tensor(linear + SUFFIX).shorts();
        return backend.packed().load(trellisOf(tensors, linear), rows, columns, words);
    }

    /** The trellis with the table that a linear has in place of its code's. */
    private Trellis trellisOf(TensorSource tensors, String linear) {
        if (!(trellis.code() instanceof Hybrid) || !tensors.contains(linear + StoredTensor.TABLE)) {
            return trellis;
        }
        float[] table = TableCodes.table(trellis, tensors, linear + StoredTensor.TABLE);
        return new Trellis(Hybrid.of(table), trellis.stateBits(), trellis.bits());
    }

    @Override
    public void decode(ComputeBackend backend, TensorSource tensors, String linear, Matrix target) {
        if (trellis.code() instanceof Hybrid && tensors.contains(linear + StoredTensor.TABLE)) {
            try (Workspace temporary = backend.workspace()) {
                TableCodes codes = TableCodes.load(backend, temporary, trellis, tensors, linear);
                codes.decode(codes.table(temporary), target);
            }
            return;
        }
        short[] words = tensors.tensor(linear + SUFFIX).shorts();
        new PackedTiles(trellis, target.rows(), target.columns(), words).decode(backend, target);
    }

    private final class Tiles implements Rounding {

        private final ComputeBackend backend;
        private final Feedback feedback;
        private final PackedTiles packed;
        private final Workspace workspace;
        private final IntMatrix states;

        private Tiles(ComputeBackend backend, int rows, int columns, Feedback feedback) {
            this.backend = backend;
            this.feedback = feedback;
            this.packed = new PackedTiles(trellis, rows, columns);
            this.workspace = backend.workspace();
            this.states = workspace.integers(rows / SIDE, trellis.steps(SEQUENCE));
        }

        @Override
        public List<OptionalDouble> round(List<Matrix> hessians, Matrix weights, Matrix rounded) {
            return feedback.round(hessians, weights, this::encode, rounded);
        }

        private void encode(int firstColumn, Matrix target, Matrix rounded) {
            int tiles = target.rows() / SIDE;
            backend.trellis()
                    .encode(trellis, ends, target.reshape(tiles, SEQUENCE), states, rounded.reshape(tiles, SEQUENCE));
            packed.setColumn(firstColumn / SIDE, backend.trellis().pack(trellis, states));
        }

        @Override
        public Tensor codes(String linear, int first, int end) {
            PackedTiles rows = packed.rows(first, end);
            List<Long> shape = List.of((long) rows.tiles(), (long) rows.wordsPerTile());
            return Tensors.ofShorts(linear + SUFFIX, shape, rows.words());
        }

        @Override
        public double seconds() {
            return feedback.seconds();
        }

        @Override
        public void close() {
            workspace.close();
        }
    }
}
