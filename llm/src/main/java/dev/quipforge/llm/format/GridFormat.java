package dev.quipforge.llm.format;

import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.packing.GridPacking;
import dev.quipforge.engine.packing.PackedCodes;
import dev.quipforge.engine.random.TensorRandom;
import dev.quipforge.engine.rounding.CodeMatrix;
import dev.quipforge.engine.rounding.CodebookRounder;
import dev.quipforge.engine.rounding.GridRounding;
import dev.quipforge.engine.rounding.Parts;
import dev.quipforge.engine.rounding.RoundingMethod;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import dev.quipforge.llm.safetensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * QuIP: single weights go to a grid of 2^bits values. The codes of a linear are {@code .codes}, I32: every row begins with
 * a new word, the first code in the lowest bits.
 */
final class GridFormat implements WeightFormat {

    private static final String SUFFIX = ".codes";

    private final ScalarGrid grid;
    private final RoundingMethod method;
    private final int passes;
    private final long seed;

    GridFormat(QuantizationConfig config) {
        this.grid = (ScalarGrid) Codebooks.of(config.code().key(), config.bits());
        this.method = config.rounding();
        this.passes = config.passes();
        this.seed = config.seed();
    }

    @Override
    public int rowUnit() {
        return 1;
    }

    @Override
    public int columnUnit() {
        return 1;
    }

    @Override
    public double rms() {
        return method == RoundingMethod.LDLQ ? grid.scaleWithFeedback() : grid.scale();
    }

    @Override
    public Rounding rounding(ComputeBackend backend, int rows, int columns, Progress progress) {
        if (method == RoundingMethod.LDLQ) {
            CodebookRounder rounder = new CodebookRounder(backend, grid, rows, columns);
            return new Columns(rounder, new Feedback(backend, 1, passes, progress));
        }
        return new Whole(backend, progress);
    }

    @Override
    public String suffix() {
        return SUFFIX;
    }

    @Override
    public StoredTensor codes(int rows, int columns) {
        return new StoredTensor(
                DataType.I32, List.of((long) rows, (long) GridPacking.wordsPerRow(grid.bits(), columns)));
    }

    private Tensor packed(String linear, CodeMatrix codes, int first, int end) {
        int[] words = GridPacking.pack(grid.bits(), codes.rows(first, end), codes.columns());
        long perRow = GridPacking.wordsPerRow(grid.bits(), codes.columns());
        return Tensors.ofIntegers(linear + SUFFIX, List.of(words.length / perRow, perRow), words);
    }

    @Override
    public PackedMatrix load(ComputeBackend backend, TensorSource tensors, String linear, int rows, int columns) {
        int[] codes = PackedCodes.unpack(grid, tensors.tensor(linear + SUFFIX).integers(), rows, columns);
        return backend.packed().load(grid, rows, columns, codes);
    }

    @Override
    public void decode(ComputeBackend backend, TensorSource tensors, String linear, Matrix target) {
        backend.codebook().decodePacked(grid, tensors.tensor(linear + SUFFIX).integers(), target);
    }

    /** Column by column with feedback. */
    private final class Columns implements Rounding {

        private final CodebookRounder rounder;
        private final Feedback feedback;

        private Columns(CodebookRounder rounder, Feedback feedback) {
            this.rounder = rounder;
            this.feedback = feedback;
        }

        @Override
        public List<OptionalDouble> round(List<Matrix> hessians, Matrix weights, Matrix rounded) {
            return feedback.round(hessians, weights, rounder, rounded);
        }

        @Override
        public Tensor codes(String linear, int first, int end) {
            return packed(linear, rounder.codes(), first, end);
        }

        @Override
        public double seconds() {
            return feedback.seconds();
        }
    }

    /** By one of the other ways that QuIP compares. */
    private final class Whole implements Rounding {

        private final ComputeBackend backend;
        private final Progress progress;
        private CodeMatrix codes = new CodeMatrix(0, 0, Byte.SIZE);
        private double seconds;

        private Whole(ComputeBackend backend, Progress progress) {
            this.backend = backend;
            this.progress = progress;
        }

        @Override
        public List<OptionalDouble> round(List<Matrix> hessians, Matrix weights, Matrix rounded) {
            progress.update(0, "rounding by " + method.key());
            long start = System.nanoTime();
            List<Matrix> parts = Parts.of(weights, hessians.size());
            List<Matrix> results = Parts.of(rounded, hessians.size());
            List<CodeMatrix> found = new ArrayList<>();
            List<OptionalDouble> dampings = new ArrayList<>();
            for (int part = 0; part < parts.size(); part++) {
                Matrix own = parts.get(part);
                Optional<GridRounding.Rounded> result = part(hessians.get(part), own, results.get(part));
                found.add(result.map(GridRounding.Rounded::codes)
                        .orElseGet(() -> new CodeMatrix(own.rows(), own.columns(), grid.bits())));
                dampings.add(
                        result.map(some -> OptionalDouble.of(some.damping())).orElse(OptionalDouble.empty()));
            }
            codes = CodeMatrix.stacked(found);
            seconds = (System.nanoTime() - start) / 1e9;
            return dampings;
        }

        private Optional<GridRounding.Rounded> part(Matrix hessian, Matrix weights, Matrix rounded) {
            try {
                return Optional.of(new GridRounding(backend, grid, hessian, TensorRandom.of(seed, "rounding"))
                        .round(method, weights, rounded));
            } catch (NotPositiveDefiniteException _) {
                return Optional.empty();
            }
        }

        @Override
        public Tensor codes(String linear, int first, int end) {
            return packed(linear, codes, first, end);
        }

        @Override
        public double seconds() {
            return seconds;
        }
    }
}
