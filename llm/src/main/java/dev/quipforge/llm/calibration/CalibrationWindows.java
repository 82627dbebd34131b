package dev.quipforge.llm.calibration;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Windows of tokens of equal length, cut from one text without overlap, or written by a model.
 *
 * @param context tokens of one window
 * @param tokens token ids, window after window
 */
public record CalibrationWindows(int context, List<int[]> tokens) {

    private static final String TENSOR = "tokens";

    public CalibrationWindows {
        tokens = List.copyOf(tokens);
        for (int[] window : tokens) {
            if (window.length != context) {
                throw new IllegalArgumentException("window: " + window.length + " tokens (expected: " + context + ")");
            }
        }
    }

    /**
     * Cuts {@code text}, tokenized as one string, into non-overlapping windows, each behind the special tokens that the
     * tokenizer puts before every text; the remainder is dropped. When the text has more windows than asked for, they are taken evenly from all of it.
     *
     * @param tokenizer the model's tokenizer
     * @param text the text
     * @param samples windows to take, at most; all there are when the text has fewer
     * @param context tokens of one window
     * @throws InvalidModelException when the text has fewer tokens than one window
     */
    public static CalibrationWindows cut(Tokenizer tokenizer, String text, int samples, int context) {
        if (samples < 1) {
            throw new InvalidModelException("samples", samples + " (expected: at least 1)");
        }
        List<int[]> available =
                TextWindows.cut(tokenizer, text, context, "calibration text").tokens();
        int taken = Math.min(samples, available.size());
        List<int[]> windows = IntStream.range(0, taken)
                .mapToObj(i -> available.get((int) ((long) i * available.size() / taken)))
                .toList();
        return new CalibrationWindows(context, windows);
    }

    /**
     * All windows of all parts, in order.
     *
     * @param parts at least one; their windows have the same length
     */
    public static CalibrationWindows join(List<CalibrationWindows> parts) {
        return new CalibrationWindows(
                parts.getFirst().context(),
                parts.stream().flatMap(part -> part.tokens().stream()).toList());
    }

    /** Number of windows. */
    public int samples() {
        return tokens.size();
    }

    /** Windows {@code from} to {@code to}, exclusive. */
    public CalibrationWindows range(int from, int to) {
        Objects.checkFromToIndex(from, to, samples());
        return new CalibrationWindows(context, tokens.subList(from, to));
    }

    /** All token ids, window after window. */
    public int[] flattened() {
        return tokens.stream().flatMapToInt(Arrays::stream).toArray();
    }

    /** Writes the windows as a safetensors file with the I32 tensor {@code tokens}, [samples × context]. */
    public void write(Path file) {
        List<Long> shape = List.of((long) samples(), (long) context);
        SafetensorsWriter.write(file, Map.of(), List.of(Tensors.ofIntegers(TENSOR, shape, flattened())));
    }

    /** Reads what {@link #write} wrote. */
    public static CalibrationWindows read(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            Tensor tensor = opened.tensor(TENSOR);
            if (tensor.shape().size() != 2) {
                throw new InvalidModelException(
                        TENSOR, Tensor.describe(tensor.shape()) + " (expected: samples x context)");
            }
            int[] all = tensor.integers();
            int samples = Math.toIntExact(tensor.shape().get(0));
            int context = Math.toIntExact(tensor.shape().get(1));
            int[][] windows = new int[samples][];
            for (int i = 0; i < samples; i++) {
                windows[i] = Arrays.copyOfRange(all, i * context, (i + 1) * context);
            }
            return new CalibrationWindows(context, List.of(windows));
        }
    }
}
