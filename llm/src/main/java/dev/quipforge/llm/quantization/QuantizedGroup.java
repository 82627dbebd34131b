package dev.quipforge.llm.quantization;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.nio.file.Path;
import java.util.List;

/**
 * The quantized linears of one group: for every linear P its codes, {@code P.SU} and {@code P.SV}; nothing for a linear that
 * is kept as it was.
 *
 * @param report what became of them
 * @param tensors the tensors
 */
public record QuantizedGroup(GroupReport report, List<Tensor> tensors) {

    public QuantizedGroup {
        tensors = List.copyOf(tensors);
    }

    /** Writes a safetensors file with the report in its metadata. */
    public void write(Path file) {
        SafetensorsWriter.write(file, report.asMetadata(), tensors);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InvalidModelException when it is something else
     */
    public static QuantizedGroup read(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            List<Tensor> tensors = opened.names().stream()
                    .map(name -> Tensors.copyOf(opened.tensor(name)))
                    .toList();
            return new QuantizedGroup(GroupReport.read(opened), tensors);
        }
    }
}
