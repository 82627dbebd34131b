package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.ElementType;
import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.hadamard.SmallHadamard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** Hadamard matrices on a device, row by row; they stay there. */
final class SignMatrices {

    private final CudaDevice device;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final Map<Key, Long> addresses = new HashMap<>();

    SignMatrices(CudaDevice device, DeviceMemory memory, Transfers transfers) {
        this.device = device;
        this.memory = memory;
        this.transfers = transfers;
    }

    private record Key(int order, boolean transposed, ElementType type) {}

    /** Address of the small matrix of order k, or Sylvester's where k is a power of two; 0 for order 1. */
    long address(int k, boolean transposed, ElementType type) {
        if (k == 1 && type == ElementType.FP32) {
            return 0;
        }
        Key key = new Key(k, transposed, type);
        return device.call(() -> addresses.computeIfAbsent(key, this::uploaded));
    }

    private long uploaded(Key key) {
        int k = key.order;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment signs = arena.allocate((long) k * k * key.type.bytes(), Float.BYTES);
            for (int i = 0; i < k; i++) {
                for (int j = 0; j < k; j++) {
                    put(signs, (long) i * k + j, key.type, key.transposed ? sign(k, j, i) : sign(k, i, j));
                }
            }
            long address = memory.allocate("Hadamard matrix of order " + k, signs.byteSize());
            transfers.upload(signs, address);
            return address;
        }
    }

    private static void put(MemorySegment signs, long index, ElementType type, int sign) {
        if (type == ElementType.FP32) {
            signs.setAtIndex(ValueLayout.JAVA_FLOAT, index, sign);
        } else {
            signs.setAtIndex(ValueLayout.JAVA_SHORT, index, (short) type.bits(sign));
        }
    }

    private static int sign(int k, int row, int column) {
        return Integer.bitCount(k) == 1
                ? Hadamard.of(k).sign(row, column)
                : SmallHadamard.of(k).sign(row, column);
    }
}
