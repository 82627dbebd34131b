package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tensors that take the place of a model's own, by name: what tuning changed. Files are laid over each other in their order,
 * so that of two with the same tensor the later one counts.
 */
public final class Overlay implements TensorSource, AutoCloseable {

    private final List<SafetensorsFile> files = new ArrayList<>();
    private final SortedMap<String, Tensor> tensors = new TreeMap<>();

    private Overlay() {}

    /** Opens safetensors files; none makes an empty overlay. */
    public static Overlay open(List<Path> paths) {
        Overlay overlay = new Overlay();
        try (CloseOnFailure opened = new CloseOnFailure(overlay::close)) {
            for (Path path : paths) {
                SafetensorsFile file = SafetensorsFile.open(path);
                overlay.files.add(file);
                file.names().forEach(name -> overlay.tensors.put(name, file.tensor(name)));
            }
            return opened.keep(overlay);
        }
    }

    /** The tensor of that name: the overlay's where it has one, with the shape of the original's, else the original's. */
    public Tensor over(TensorSource original, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            return original.tensor(name);
        }
        return original.contains(name)
                ? tensor.requireFloating().requireShape(original.tensor(name).shape())
                : tensor;
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
            throw new InvalidModelException(name, "missing in the overlay");
        }
        return tensor;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
