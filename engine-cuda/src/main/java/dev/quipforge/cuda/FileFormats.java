package dev.quipforge.cuda;

import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Staging;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.compute.FloatFormat;
import java.lang.foreign.MemorySegment;

/** Brings the elements of files onto a device as they are, and converts them there. */
final class FileFormats {

    private final Kernels kernels;
    private final DeviceMemory memory;
    private final Transfers transfers;

    FileFormats(Kernels kernels, DeviceMemory memory, Transfers transfers) {
        this.kernels = kernels;
        this.memory = memory;
        this.transfers = transfers;
    }

    /** {@code target} = {@code elements}, a few rows at a time. */
    void upload(FloatFormat format, MemorySegment elements, DeviceMatrix target) {
        if (format == FloatFormat.FP32 && target.contiguous()) {
            transfers.upload(elements, target.address());
            return;
        }
        long width = (long) target.columns() * format.bytes();
        int rows = Math.clamp(Staging.BYTES / Math.max(1, width), 1, Math.max(1, target.rows()));
        try (Scratch scratch = new Scratch(memory)) {
            long room = scratch.bytes("elements of a file", rows * width);
            for (int first = 0; first < target.rows(); first += rows) {
                int end = Math.min(target.rows(), first + rows);
                transfers.upload(elements.asSlice(first * width, (end - first) * width), room);
                convert(format, room, target.rows(first, end));
            }
        }
    }

    private void convert(FloatFormat format, long elements, DeviceMatrix target) {
        if (target.size() == 0) {
            return;
        }
        switch (format) {
            case FP32 ->
                transfers.copy(new DeviceMatrix(elements, target.rows(), target.columns(), target.columns()), target);
            case FP16, BF16 ->
                kernels.launch(
                        "narrow",
                        "widen",
                        Launch.elements(target.rows(), target.columns()),
                        (long) target.rows(),
                        (long) target.columns(),
                        format == FloatFormat.BF16 ? 0 : 1,
                        elements,
                        target);
        }
    }
}
