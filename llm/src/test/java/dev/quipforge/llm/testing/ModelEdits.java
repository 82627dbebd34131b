package dev.quipforge.llm.testing;

import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.ShardedSafetensors;
import dev.quipforge.llm.safetensors.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Changes of a Hugging Face directory with one file of weights, in place. */
public final class ModelEdits {

    private ModelEdits() {}

    /** Every tensor becomes what {@code change} makes of it: itself, another, several or none. */
    public static void tensors(Path model, Function<Tensor, List<Tensor>> change) {
        Path file = model.resolve(ShardedSafetensors.SINGLE);
        try (SafetensorsFile weights = SafetensorsFile.open(file)) {
            List<Tensor> tensors = weights.names().stream()
                    .flatMap(name -> change.apply(weights.tensor(name)).stream())
                    .toList();
            SafetensorsWriter.write(file, Map.of("format", "pt"), tensors);
        }
    }

    /** Adds a tensor. */
    public static void add(Path model, Tensor tensor) {
        boolean[] added = new boolean[1];
        tensors(model, each -> {
            boolean first = !added[0];
            added[0] = true;
            return first ? List.of(each, tensor) : List.of(each);
        });
    }

    /** Changes the fields of {@code config.json}. */
    public static void config(Path model, Consumer<Map<String, Object>> change) {
        Path file = model.resolve(ConfigReader.FILE);
        Map<String, Object> fields = StrictJson.read(file).asMap();
        change.accept(fields);
        AtomicFile.writeText(file, StrictJson.write(fields, true));
    }
}
