package dev.quipforge.llm.tuning;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.FloatFormat;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The opened {@link ActivationFiles} of one boundary: hidden states of all windows, read as they are needed. */
final class ActivationSet implements AutoCloseable {

    private final List<Shard> shards = new ArrayList<>();
    private int windows;
    private int length;
    private int hidden;

    /** A file, and which windows it holds. */
    private record Shard(SafetensorsFile file, Path path, int first, int windows, MemorySegment data) {}

    private ActivationSet() {}

    /**
     * Opens files of {@link ActivationCollector}, in any order.
     *
     * @throws InvalidModelException unless they hold every window from the first on once
     */
    static ActivationSet open(List<Path> paths) {
        ActivationSet set = new ActivationSet();
        try (CloseOnFailure opened = new CloseOnFailure(set::close)) {
            paths.forEach(set::add);
            set.shards.sort(Comparator.comparingInt(Shard::first));
            for (Shard shard : set.shards) {
                if (shard.first != set.windows) {
                    throw new InvalidModelException(
                            shard.path.toString(), "window " + shard.first + " (expected: " + set.windows + ")");
                }
                set.windows += shard.windows;
            }
            return opened.keep(set);
        }
    }

    private void add(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        Tensor tensor = file.tensor(ActivationFiles.HIDDEN).requireType(DataType.BF16);
        int first = ActivationFiles.number(file, path, ActivationFiles.FIRST);
        int count = Math.max(1, ActivationFiles.number(file, path, ActivationFiles.WINDOWS));
        shards.add(new Shard(file, path, first, count, tensor.data()));
        int tokens = Math.toIntExact(tensor.shape().getFirst());
        int columns = Math.toIntExact(tensor.shape().getLast());
        if (shards.size() == 1) {
            length = tokens / count;
            hidden = columns;
        }
        tensor.requireShape(List.of((long) count * length, (long) hidden));
    }

    /** Number of windows. */
    int windows() {
        return windows;
    }

    /** Tokens of one window. */
    int length() {
        return length;
    }

    /** Reads windows below each other into {@code target}, [windows · length × hidden]. */
    void read(ComputeBackend backend, List<Integer> which, Matrix target) {
        for (int i = 0; i < which.size(); i++) {
            backend.upload(FloatFormat.BF16, window(which.get(i)), target.rows(i * length, (i + 1) * length));
        }
    }

    private MemorySegment window(int index) {
        long bytes = (long) length * hidden * DataType.BF16.bytes();
        for (Shard shard : shards) {
            if (index >= shard.first && index < shard.first + shard.windows) {
                return shard.data.asSlice((index - shard.first) * bytes, bytes);
            }
        }
        throw new IndexOutOfBoundsException("window " + index + " (expected: 0 to " + (windows - 1) + ")");
    }

    @Override
    public void close() {
        shards.forEach(shard -> shard.file.close());
    }
}
