package dev.quipforge.llm.calibration;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.rows.DenseRows;
import dev.quipforge.llm.rows.RowsTensor;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds the sums of all shards and divides by the tokens: H = Σ x xᵀ / tokens. The Hessian of an expert that too few tokens
 * reached is filled up with that of all experts of its block, as if so many more tokens had come: H = (S + m P) / (t + m).
 */
public final class HessianReducer {

    /** Tokens that an expert must have seen, in widths of its input, so that its sum stands for itself. */
    private static final long ENOUGH = 2;

    private HessianReducer() {}

    /**
     * Adds in the order of the list, in double precision, and writes Hessians in F32. Nothing more than a row is in memory.
     *
     * @param shards files of {@link HessianCollector} for one group
     * @param pools those of the same shards for all experts of the block; none where the group is not one of experts
     * @param output the file of Hessians to write
     * @return number of tokens of the input that most of them reached
     */
    public static long reduce(List<Path> shards, List<Path> pools, Path output) {
        if (shards.isEmpty()) {
            throw new InvalidModelException(output.toString(), "no shards (expected: at least one)");
        }
        try (Sums sums = Sums.open(shards);
                Sums all = Sums.open(pools)) {
            Map<String, String> metadata = new HashMap<>();
            List<WritableTensor> hessians = new ArrayList<>();
            long most = 0;
            for (String input : sums.inputs()) {
                Mean mean = Mean.of(sums, all, input);
                metadata.putAll(HessianFile.metadata(input, sums.tokens(input), mean.prior()));
                hessians.add(new RowsTensor(input, DataType.F32, mean));
                most = Math.max(most, sums.tokens(input));
            }
            SafetensorsWriter.write(output, metadata, hessians);
            return most;
        }
    }

    /** The opened files of all shards of one group. */
    private record Sums(List<HessianFile> files) implements AutoCloseable {

        static Sums open(List<Path> paths) {
            Sums sums = new Sums(new ArrayList<>());
            try (CloseOnFailure opened = new CloseOnFailure(sums::close)) {
                paths.forEach(path -> sums.files.add(HessianFile.open(path)));
                return opened.keep(sums);
            }
        }

        Iterable<String> inputs() {
            return files.getFirst().inputs();
        }

        long tokens(String input) {
            return files.stream().mapToLong(file -> file.tokens(input)).sum();
        }

        List<Tensor> tensors(String input) {
            List<Tensor> tensors = new ArrayList<>();
            for (HessianFile file : files) {
                Tensor tensor = file.square(input);
                tensors.add(
                        tensors.isEmpty()
                                ? tensor
                                : tensor.requireShape(tensors.getFirst().shape()));
            }
            return tensors;
        }

        @Override
        public void close() {
            files.forEach(HessianFile::close);
        }
    }

    /**
     * The mean of an input, made row by row.
     *
     * @param order width of the input
     * @param sums of the input
     * @param pools of all experts
     * @param divisor of everything
     * @param poolFactor of the pools
     * @param prior part of the result that is theirs
     */
    private record Mean(
            int order, List<Tensor> sums, List<Tensor> pools, double divisor, double poolFactor, double prior)
            implements DenseRows {

        static Mean of(Sums shards, Sums all, String input) {
            List<Tensor> sums = shards.tensors(input);
            int order = Math.toIntExact(sums.getFirst().shape().getFirst());
            long tokens = shards.tokens(input);
            long missing = all.files.isEmpty() ? 0 : Math.max(0, ENOUGH * order - tokens);
            if (missing == 0) {
                return new Mean(order, sums, List.of(), Math.max(1, tokens), 0, 0);
            }
            String pool = HessianFiles.pool(input);
            double ofPool = (double) missing / Math.max(1, all.tokens(pool));
            double divisor = tokens + missing;
            return new Mean(order, sums, all.tensors(pool), divisor, ofPool, missing / divisor);
        }

        @Override
        public int rows() {
            return order;
        }

        @Override
        public int columns() {
            return order;
        }

        @Override
        public void copyTo(int first, int step, HostMatrix target) {
            requireRows(first, step, target);
            double[] row = new double[order];
            float[] values = new float[order];
            HostMatrix line = new HostMatrix(MemorySegment.ofArray(values), 1, order, order);
            for (int i = 0; i < target.rows(); i++) {
                Arrays.fill(row, 0);
                int index = first + i * step;
                sums.forEach(sum -> add(sum, index, 1, line, values, row));
                pools.forEach(pool -> add(pool, index, poolFactor, line, values, row));
                for (int j = 0; j < order; j++) {
                    target.set(i, j, (float) (row[j] / divisor));
                }
            }
        }

        private static void add(
                Tensor tensor, int index, double factor, HostMatrix line, float[] values, double[] row) {
            tensor.copyRowsTo(index, line);
            for (int j = 0; j < row.length; j++) {
                row[j] += factor * values[j];
            }
        }
    }
}
