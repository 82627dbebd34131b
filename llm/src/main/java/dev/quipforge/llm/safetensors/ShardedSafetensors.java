package dev.quipforge.llm.safetensors;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The tensors of a directory: the shards that {@code model.safetensors.index.json} names, or one {@code model.safetensors}. */
public final class ShardedSafetensors implements TensorSource, AutoCloseable {

    /** Name of the index. */
    public static final String INDEX = "model.safetensors.index.json";

    /** Name of the only file of an unsharded model. */
    public static final String SINGLE = "model.safetensors";

    private final SortedMap<String, SafetensorsFile> owners;
    private final List<SafetensorsFile> files;
    private final List<Path> paths;

    private ShardedSafetensors(SortedMap<String, SafetensorsFile> owners, Map<Path, SafetensorsFile> files) {
        this.owners = owners;
        this.files = List.copyOf(files.values());
        this.paths = List.copyOf(files.keySet());
    }

    /**
     * Opens all shards of {@code directory}.
     *
     * @throws InvalidModelException when there are no weights, a shard is missing or damaged, or the index is wrong
     */
    public static ShardedSafetensors open(Path directory) {
        SortedMap<Path, SafetensorsFile> shards = new TreeMap<>();
        try (CloseOnFailure opened = new CloseOnFailure(() -> shards.values().forEach(SafetensorsFile::close))) {
            if (Files.exists(directory.resolve(INDEX))) {
                return opened.keep(sharded(directory, shards));
            }
            Path single = directory.resolve(SINGLE);
            if (!Files.exists(single)) {
                throw new InvalidModelException(
                        String.valueOf(directory.getFileName()),
                        "no weights (expected: " + SINGLE + " or " + INDEX + ")");
            }
            SafetensorsFile file = SafetensorsFile.open(single);
            shards.put(single, file);
            SortedMap<String, SafetensorsFile> owners = new TreeMap<>();
            file.names().forEach(name -> owners.put(name, file));
            return opened.keep(new ShardedSafetensors(owners, shards));
        }
    }

    private static ShardedSafetensors sharded(Path directory, SortedMap<Path, SafetensorsFile> shards) {
        JsonFields map = StrictJson.read(directory.resolve(INDEX)).object("weight_map");
        SortedMap<String, SafetensorsFile> owners = new TreeMap<>();
        Map<String, SafetensorsFile> byName = new HashMap<>();
        for (String tensor : map.names()) {
            String shard = map.text(tensor);
            SafetensorsFile file = byName.computeIfAbsent(shard, name -> open(directory, map, tensor, name, shards));
            if (!file.contains(tensor)) {
                throw new InvalidModelException(
                        shard, "tensor " + tensor + " is missing, though " + INDEX + " has it here");
            }
            owners.put(tensor, file);
        }
        return new ShardedSafetensors(owners, shards);
    }

    private static SafetensorsFile open(
            Path directory, JsonFields map, String tensor, String shard, Map<Path, SafetensorsFile> shards) {
        if (!shard.endsWith(".safetensors") || shard.contains("/") || shard.contains("\\") || shard.startsWith(".")) {
            throw map.wrong(tensor, "the name of a .safetensors file in this directory");
        }
        Path path = directory.resolve(shard);
        if (!Files.isRegularFile(path)) {
            throw new InvalidModelException(shard, "shard is missing, though " + INDEX + " names it");
        }
        SafetensorsFile file = SafetensorsFile.open(path);
        shards.put(path, file);
        return file;
    }

    /** The files, in the order of their names. */
    public List<Path> paths() {
        return new ArrayList<>(paths);
    }

    @Override
    public SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(owners.keySet()));
    }

    @Override
    public boolean contains(String tensor) {
        return owners.containsKey(tensor);
    }

    @Override
    public Tensor tensor(String tensor) {
        SafetensorsFile file = owners.get(tensor);
        if (file == null) {
            throw new InvalidModelException(tensor, "tensor is missing");
        }
        return file.tensor(tensor);
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
