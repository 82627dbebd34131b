package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.ShardedSafetensors;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Distributes tensors over safetensors files of bounded size, in the order given. */
final class ShardPlan {

    /** Bytes of data in one file: what Hugging Face's own programs write. */
    static final long LARGEST = 5_000_000_000L;

    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private final List<List<WritableTensor>> shards = new ArrayList<>();
    private final long total;

    /**
     * Plans the files.
     *
     * @param tensors all tensors, in order
     * @param largest most bytes of data in one file; a larger tensor has a file of its own
     */
    ShardPlan(List<? extends WritableTensor> tensors, long largest) {
        long filled = 0;
        long sum = 0;
        for (WritableTensor tensor : tensors) {
            long bytes = tensor.bytes();
            if (shards.isEmpty() || filled + bytes > largest) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.getLast().add(tensor);
            filled += bytes;
            sum += bytes;
        }
        this.total = sum;
    }

    /** Writes the files, and an index where there are several; returns the bytes of data in all. */
    long write(Path directory) {
        if (shards.size() == 1) {
            SafetensorsWriter.write(directory.resolve(ShardedSafetensors.SINGLE), METADATA, shards.getFirst());
            return total;
        }
        Map<String, String> owners = new TreeMap<>();
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            SafetensorsWriter.write(directory.resolve(name), METADATA, shards.get(i));
            shards.get(i).forEach(tensor -> owners.put(tensor.name(), name));
        }
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", total));
        index.put("weight_map", owners);
        AtomicFile.writeText(directory.resolve(ShardedSafetensors.INDEX), StrictJson.write(index, true));
        return total;
    }
}
