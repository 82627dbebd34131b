package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.LargeModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How fast one block of Llama-3-8B's shape runs forward: {@code BlockMeasurement DIR DEVICE}. */
public final class BlockMeasurement {

    private static final int WINDOW = 2048;
    private static final int ROUNDS = 20;

    private BlockMeasurement() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        if (Files.notExists(directory.resolve("config.json"))) {
            LargeModels.writeLlama8b(directory, 1);
        }
        try (ModelDirectory model = ModelDirectory.open(directory);
                ComputeBackend backend = ComputeBackends.named(arguments[1])) {
            for (int windows : new int[] {Batches.windows(WINDOW), 4}) {
                measure(backend, model, windows);
            }
        }
    }

    private static void measure(ComputeBackend backend, ModelDirectory model, int windows) {
        int tokens = windows * WINDOW;
        try (Workspace workspace = backend.workspace();
                DecoderBlock block = DecoderBlock.load(backend, model, 0)) {
            Activations room = Activations.allocate(workspace, model.config(), tokens);
            Matrix hidden = workspace.matrix(tokens, model.config().sizes().hidden());
            backend.dense().addToDiagonal(hidden.rows(0, hidden.columns()), 1);
            double least = Double.POSITIVE_INFINITY;
            for (int batch = 0; batch < 5; batch++) {
                long start = System.nanoTime();
                for (int i = 0; i < ROUNDS; i++) {
                    block.forward(hidden, windows, room, InputListener.NONE);
                }
                backend.dense().allFinite(hidden);
                least = Math.min(least, (System.nanoTime() - start) / 1e9 / ROUNDS);
            }
            long weights = 0;
            for (Input input : Input.values()) {
                weights += model.layout().weights(LinearGroup.of(0, input));
            }
            double products = 2.0 * tokens * weights;
            System.out.printf(
                    "block of %d windows of %d: %.3f ms, %.0f Tflop/s in its linears%n",
                    windows, WINDOW, least * 1e3, products / least / 1e12);
        }
    }
}
