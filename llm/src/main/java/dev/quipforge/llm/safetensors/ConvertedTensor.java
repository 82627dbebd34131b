package dev.quipforge.llm.safetensors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor of floats whose elements become those of another type while they are written.
 *
 * @param source the tensor
 * @param type F16, BF16 or F32
 */
record ConvertedTensor(Tensor source, DataType type) implements WritableTensor {

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public List<Long> shape() {
        return source.shape();
    }

    @Override
    public void writeTo(Sink sink) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Elements.CHUNK * type.bytes()]);
        long elements = source.elements();
        for (long first = 0; first < elements; first += Elements.CHUNK) {
            int count = (int) Math.min(Elements.CHUNK, elements - first);
            Elements.fromFloats(Elements.floats(source, first, count), count, type, bytes);
            sink.write(bytes.asSlice(0, (long) count * type.bytes()));
        }
    }
}
