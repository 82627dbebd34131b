package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.LinearReport;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The opened files of all quantized groups of a model. */
final class GroupFiles implements AutoCloseable {

    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Map<String, Tensor> tensors = new TreeMap<>();
    private final Set<String> quantized = new TreeSet<>();
    private final Set<String> kept = new TreeSet<>();

    /**
     * Opens the files.
     *
     * @throws InvalidModelException when a linear of {@code model} is in none of them, or in two
     */
    static GroupFiles open(ModelDirectory model, List<Path> paths) {
        GroupFiles opened = new GroupFiles();
        try {
            paths.forEach(opened::add);
            model.linearGroups().stream()
                    .map(LinearGroup::linears)
                    .flatMap(List::stream)
                    .forEach(opened::requireReported);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void add(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        files.add(file);
        for (LinearReport report : GroupReport.read(file).linears()) {
            if (!quantized.add(report.name())) {
                throw new InvalidModelException(path.toString(), report.name() + " is in two groups");
            }
            if (report.kept() != null) {
                kept.add(report.name());
            }
        }
        file.names().forEach(name -> tensors.put(name, file.tensor(name)));
    }

    private void requireReported(String linear) {
        if (!quantized.contains(linear)) {
            throw new InvalidModelException(linear, "missing in the quantized groups");
        }
    }

    /** Linears that stay as they are in the original. */
    Set<String> kept() {
        return kept;
    }

    /** Whether this linear is quantized. */
    boolean isQuantized(String linear) {
        return quantized.contains(linear) && !kept.contains(linear);
    }

    /**
     * A tensor of a quantized linear.
     *
     * @throws InvalidModelException when it is not there
     */
    Tensor tensor(String name) {
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
