package dev.quipforge.llm.evaluation;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.Batches;
import dev.quipforge.llm.transformer.Decoder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Takes windows through one or more models of one backend and shows the logits of every predicted token, in order. */
final class LogitWalk {

    /** Logits of one model in memory at once. */
    private static final int LOGITS = 1 << 25;

    private final List<Decoder> models;
    private final ComputeBackend backend;

    LogitWalk(Decoder... models) {
        this.models = List.of(models);
        this.backend = models[0].backend();
    }

    /** Sees a few positions. */
    interface Visitor {

        /**
         * The next positions.
         *
         * @param logits one matrix a model, [positions × vocabulary]
         * @param targets the tokens that follow, [1 × positions]
         */
        void visit(List<Matrix> logits, IntMatrix targets);
    }

    void run(TextWindows text, Progress progress, Visitor visitor) {
        List<int[]> windows = text.tokens();
        int length = text.length();
        int begin = Math.max(0, text.specialTokens() - 1);
        int batch = Batches.windows(length);
        for (int from = 0; from < windows.size(); from += batch) {
            progress.update((double) from / windows.size(), "window " + (from + 1) + " of " + windows.size());
            List<int[]> part = windows.subList(from, Math.min(windows.size(), from + batch));
            try (Workspace workspace = backend.workspace()) {
                List<Matrix> hidden = models.stream()
                        .map(model -> model.hiddenStates(workspace, part))
                        .toList();
                for (int i = 0; i < part.size(); i++) {
                    int first = i * length;
                    List<Matrix> states = hidden.stream()
                            .map(matrix -> matrix.rows(first + begin, first + length - 1))
                            .toList();
                    window(states, Arrays.copyOfRange(part.get(i), begin, length), visitor);
                }
            }
        }
        progress.update(1, windows.size() + " windows");
    }

    private void window(List<Matrix> hidden, int[] tokens, Visitor visitor) {
        int positions = tokens.length - 1;
        int step = Math.max(1, LOGITS / models.getFirst().config().vocabulary());
        for (int from = 0; from < positions; from += step) {
            int first = from;
            int end = Math.min(positions, from + step);
            try (Workspace workspace = backend.workspace()) {
                List<Matrix> logits = IntStream.range(0, models.size())
                        .mapToObj(i ->
                                models.get(i).logits(workspace, hidden.get(i).rows(first, end)))
                        .toList();
                int[] targets = Arrays.copyOfRange(tokens, first + 1, end + 1);
                visitor.visit(logits, workspace.copyOf(1, targets.length, targets));
            }
        }
    }
}
