package dev.quipforge.llm.safetensors;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The checked header of a safetensors file.
 *
 * @param metadata the texts under {@code __metadata__}
 * @param entries the tensors by name
 */
record SafetensorsHeader(SortedMap<String, String> metadata, SortedMap<String, Entry> entries) {

    private static final String METADATA = "__metadata__";

    /** One tensor: bytes {@code begin} to {@code end}, exclusive, of the data. */
    record Entry(String name, DataType type, List<Long> shape, long begin, long end) {}

    /**
     * Reads the JSON of a header and checks every tensor against the size of the data: offsets inside, no overlap, no gap,
     * as many bytes as shape and type say.
     *
     * @param json the header
     * @param dataBytes bytes that follow it in the file
     * @param file name of the file, for messages
     */
    static SafetensorsHeader parse(byte[] json, long dataBytes, String file) {
        JsonFields fields = StrictJson.parse(json, file);
        SortedMap<String, Entry> entries = new TreeMap<>();
        SortedMap<String, String> metadata = new TreeMap<>();
        for (String name : fields.names()) {
            if (name.equals(METADATA)) {
                JsonFields texts = fields.object(name);
                texts.names().forEach(key -> metadata.put(key, texts.text(key)));
            } else {
                entries.put(name, entry(name, fields.object(name), dataBytes));
            }
        }
        requireSeamless(entries, dataBytes, file);
        return new SafetensorsHeader(metadata, entries);
    }

    private static Entry entry(String name, JsonFields fields, long dataBytes) {
        DataType type =
                DataType.named(fields.text("dtype")).orElseThrow(() -> fields.wrong("dtype", "one of " + readable()));
        List<Long> shape = fields.counts("shape");
        List<Long> offsets = fields.counts("data_offsets");
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataBytes) {
            throw fields.wrong("data_offsets", "[begin, end] within the " + dataBytes + " bytes of data");
        }
        long bytes = offsets.get(1) - offsets.get(0);
        if (bytes != size(fields, type, shape)) {
            throw new InvalidModelException(
                    fields.place(),
                    bytes + " bytes (expected: " + Tensor.describe(shape) + " elements of " + type.bytes() + " bytes)");
        }
        return new Entry(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private static String readable() {
        return List.of(DataType.values()).toString();
    }

    private static long size(JsonFields fields, DataType type, List<Long> shape) {
        try {
            return Math.multiplyExact(Tensor.elements(shape), (long) type.bytes());
        } catch (ArithmeticException e) {
            throw fields.wrong("shape", "less than 2^63 bytes");
        }
    }

    private static void requireSeamless(Map<String, Entry> entries, long dataBytes, String file) {
        List<Entry> ordered = entries.values().stream()
                .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
                .toList();
        long reached = 0;
        for (Entry entry : ordered) {
            if (entry.begin() < reached) {
                throw new InvalidModelException(
                        file + ": " + entry.name(),
                        "begins at byte " + entry.begin() + " inside another tensor (expected: " + reached + ")");
            }
            if (entry.begin() > reached) {
                throw new InvalidModelException(
                        file + ": " + entry.name(),
                        "begins at byte " + entry.begin() + " after a gap (expected: " + reached + ")");
            }
            reached = entry.end();
        }
        if (reached != dataBytes) {
            throw new InvalidModelException(
                    file, "tensors end at byte " + reached + " of the data (expected: " + dataBytes + ")");
        }
    }
}
