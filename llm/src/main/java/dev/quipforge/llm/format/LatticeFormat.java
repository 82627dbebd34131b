package dev.quipforge.llm.format;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.packing.EightPPacking;
import dev.quipforge.engine.packing.PackedCodes;
import dev.quipforge.engine.packing.ResidualPacking;
import dev.quipforge.engine.rounding.CodebookRounder;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import dev.quipforge.llm.safetensors.Tensors;
import java.util.List;
import java.util.OptionalDouble;

/**
 * QuIP#: eight weights of a row at a time go to the nearest vector of E8P, and for 3 and 4 bits what is left over to a
 * second one (QuIP#, section 4). The codes of a linear are {@code .Qidxs}, I64, in the reference's layout.
 */
final class LatticeFormat implements WeightFormat {

    private static final String SUFFIX = ".Qidxs";
    private static final int ROWS = 16;
    private static final int COLUMNS = 64;

    private final Codebook codebook;
    private final int passes;

    LatticeFormat(QuantizationConfig config) {
        this.codebook = Codebooks.of(config.code().key(), config.bits());
        this.passes = config.passes();
    }

    @Override
    public int rowUnit() {
        return ROWS;
    }

    @Override
    public int columnUnit() {
        return COLUMNS;
    }

    @Override
    public double rms() {
        return codebook.scaleWithFeedback();
    }

    @Override
    public Rounding rounding(ComputeBackend backend, int rows, int columns, Progress progress) {
        return new Vectors(backend, rows, columns, new Feedback(backend, codebook.dimension(), passes, progress));
    }

    @Override
    public String suffix() {
        return SUFFIX;
    }

    @Override
    public StoredTensor codes(int rows, int columns) {
        return new StoredTensor(DataType.I64, shape(rows, columns / codebook.dimension()));
    }

    private List<Long> shape(int rows, int vectors) {
        int words = codebook.bits() == 2 ? vectors / 4 : ResidualPacking.wordsPerRow(codebook.bits(), vectors);
        return List.of((long) rows, (long) words);
    }

    @Override
    public PackedMatrix load(ComputeBackend backend, TensorSource tensors, String linear, int rows, int columns) {
        int[] words = PackedCodes.halves(tensors.tensor(linear + SUFFIX).longs());
        int[] codes = PackedCodes.unpack(codebook, words, rows, columns / codebook.dimension());
        return backend.packed().load(codebook, rows, columns, codes);
    }

    @Override
    public void decode(ComputeBackend backend, TensorSource tensors, String linear, Matrix target) {
        int[] words = PackedCodes.halves(tensors.tensor(linear + SUFFIX).longs());
        backend.codebook().decodePacked(codebook, words, target);
    }

    private final class Vectors implements Rounding {

        private final Feedback feedback;
        private final CodebookRounder rounder;
        private final int vectors;

        private Vectors(ComputeBackend backend, int rows, int columns, Feedback feedback) {
            this.feedback = feedback;
            this.rounder = new CodebookRounder(backend, codebook, rows, columns);
            this.vectors = columns / codebook.dimension();
        }

        @Override
        public List<OptionalDouble> round(List<Matrix> hessians, Matrix weights, Matrix rounded) {
            return feedback.round(hessians, weights, rounder, rounded);
        }

        @Override
        public Tensor codes(String linear, int first, int end) {
            int[] codes = rounder.codes().rows(first, end);
            long[] words = codebook.bits() == 2
                    ? EightPPacking.pack(codes, end - first, vectors)
                    : ResidualPacking.pack(codebook.bits(), codes, end - first, vectors);
            return Tensors.ofLongs(linear + SUFFIX, shape(end - first, vectors), words);
        }

        @Override
        public double seconds() {
            return feedback.seconds();
        }
    }
}
