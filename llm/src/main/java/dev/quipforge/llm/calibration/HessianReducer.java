package dev.quipforge.llm.calibration;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Adds the sums of all shards and divides by the tokens: H = Σ x xᵀ / tokens. */
public final class HessianReducer {

    private HessianReducer() {}

    /**
     * Adds in the order of the list, in double precision, and writes tensor {@code hessian} in F32.
     *
     * @param shardFiles files of {@link HessianCollector} for one input of one block
     * @param output the Hessian
     * @return number of tokens in all shards
     */
    public static long reduce(List<Path> shardFiles, Path output) {
        if (shardFiles.isEmpty()) {
            throw new InvalidModelException(output.toString(), "no shards (expected: at least one)");
        }
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            long tokens = 0;
            for (Path path : shardFiles) {
                SafetensorsFile file = SafetensorsFile.open(path);
                files.add(file);
                tokens += HessianFiles.tokens(file, path);
            }
            write(files, tokens, output);
            return tokens;
        } finally {
            files.forEach(SafetensorsFile::close);
        }
    }

    private static void write(List<SafetensorsFile> files, long tokens, Path output) {
        List<Tensor> shards = new ArrayList<>();
        for (SafetensorsFile file : files) {
            Tensor tensor = HessianFiles.square(file, HessianFiles.SUM);
            shards.add(
                    shards.isEmpty()
                            ? tensor
                            : tensor.requireShape(shards.getFirst().shape()));
        }
        int order = Math.toIntExact(shards.getFirst().shape().getFirst());
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix mean = HostMatrix.allocate(arena, order, order);
            HostMatrix row = HostMatrix.allocate(arena, 1, order);
            double[] sums = new double[order];
            for (int i = 0; i < order; i++) {
                addRow(shards, i, row, sums);
                for (int j = 0; j < order; j++) {
                    mean.set(i, j, (float) (sums[j] / tokens));
                }
            }
            SafetensorsWriter.write(
                    output,
                    Map.of(HessianFiles.TOKENS, Long.toString(tokens)),
                    List.of(Tensors.ofMatrix(HessianFiles.HESSIAN, mean)));
        }
    }

    private static void addRow(List<Tensor> shards, int index, HostMatrix row, double[] sums) {
        Arrays.fill(sums, 0);
        for (Tensor shard : shards) {
            shard.copyRowsTo(index, row);
            for (int j = 0; j < sums.length; j++) {
                sums[j] += row.get(0, j);
            }
        }
    }
}
