package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The opened files of quantized groups: of a whole model, or of some of its linears. */
public final class GroupFiles implements TensorSource, AutoCloseable {

    private final List<SafetensorsFile> files = new ArrayList<>();
    private final SortedMap<String, Tensor> tensors = new TreeMap<>();
    private final Set<String> reported = new TreeSet<>();
    private final Set<String> kept = new TreeSet<>();

    private GroupFiles() {}

    /**
     * Opens files of {@link QuantizedGroup#write}.
     *
     * @throws InvalidModelException when a linear is in two of them
     */
    public static GroupFiles open(List<Path> paths) {
        GroupFiles groups = new GroupFiles();
        try (CloseOnFailure opened = new CloseOnFailure(groups::close)) {
            paths.forEach(groups::add);
            return opened.keep(groups);
        }
    }

    private void add(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        files.add(file);
        for (LinearReport report : GroupReport.read(file).linears()) {
            if (!reported.add(report.name())) {
                throw new InvalidModelException(path.toString(), report.name() + " is in two groups");
            }
            if (report.kept() != null) {
                kept.add(report.name());
            }
        }
        file.names().forEach(name -> tensors.put(name, file.tensor(name)));
    }

    /**
     * Demands every linear of {@code model}.
     *
     * @throws InvalidModelException when one is in none of the files
     */
    public void requireAll(ModelDirectory model) {
        model.linearGroups().stream()
                .map(LinearGroup::names)
                .flatMap(List::stream)
                .filter(linear -> !reported.contains(linear))
                .findFirst()
                .ifPresent(linear -> {
                    throw new InvalidModelException(linear, "missing in the quantized groups");
                });
    }

    /** Linears that could not be quantized and stay as they are. */
    public Set<String> kept() {
        return Collections.unmodifiableSet(kept);
    }

    /** Whether this linear is quantized. */
    public boolean isQuantized(String linear) {
        return reported.contains(linear) && !kept.contains(linear);
    }

    @Override
    public SortedSet<String> names() {
        return new TreeSet<>(tensors.keySet());
    }

    @Override
    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    @Override
    public Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new InvalidModelException(name, "missing in the quantized groups");
        }
        return tensor;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
