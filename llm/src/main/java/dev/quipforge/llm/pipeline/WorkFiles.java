package dev.quipforge.llm.pipeline;

import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.tuning.ActivationFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the files of a quantization in this process are while it runs.
 *
 * @param directory holds all of them
 * @param windows the calibration windows
 */
record WorkFiles(Path directory, CalibrationWindows windows) {

    /** A range of windows. */
    record Shard(int from, int to) {}

    /** The ranges that calibration runs through. */
    List<Shard> shards() {
        int size = HessianCollector.SHARD_WINDOWS;
        int total = windows.samples();
        return IntStream.range(0, Math.ceilDiv(total, size))
                .mapToObj(i -> new Shard(i * size, Math.min(total, (i + 1) * size)))
                .toList();
    }

    /** The directory of all sums. */
    Path sums() {
        return directory.resolve("shards");
    }

    /** The directory of the sums of one range. */
    Path sums(Shard shard) {
        return sums().resolve(shard.from + "-" + shard.to);
    }

    /** The sums of a group. */
    List<Path> sums(LinearGroup group) {
        return shards().stream().map(shard -> file(sums(shard), group)).toList();
    }

    /** The sums over all experts of the block of a group; none where it is not one of experts. */
    List<Path> pools(LinearGroup group) {
        return HessianFiles.isOfExperts(group.key())
                ? shards().stream()
                        .map(shard -> HessianFiles.path(sums(shard), group.block(), HessianFiles.EXPERTS))
                        .toList()
                : List.of();
    }

    /** The Hessians of a group. */
    Path hessian(LinearGroup group) {
        return file(directory.resolve("hessians"), group);
    }

    /** The directory of all activations. */
    Path activations() {
        return directory.resolve("activations");
    }

    /** The activations at a boundary. */
    List<Path> activations(int boundary) {
        return shards().stream()
                .map(shard -> ActivationFiles.path(activations(), boundary, shard.from, shard.to))
                .toList();
    }

    /** A quantized group. */
    Path group(LinearGroup group) {
        return file(directory.resolve("groups"), group);
    }

    /** What was tuned in a block after that group. */
    Path overlay(LinearGroup group) {
        return file(directory.resolve("overlays"), group);
    }

    /** What was tuned in the model as a whole. */
    Path overlay() {
        return directory.resolve("overlays").resolve("model.safetensors");
    }

    private static Path file(Path directory, LinearGroup group) {
        return HessianFiles.path(directory, group);
    }
}
