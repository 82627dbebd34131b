package dev.quipforge.llm.evaluation;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.BlockRunner;
import dev.quipforge.llm.transformer.HeadForward;
import dev.quipforge.llm.transformer.InputListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes windows through one or more models and shows the logits of every predicted token, in order. Of every model only the
 * hidden states of the windows, the weights of one block, and in the end its head are in memory, whatever its size; of a long
 * text so many windows go through the blocks at once as have hidden states of a few gigabytes.
 */
final class LogitWalk {

    /** Logits of one model in memory at once. */
    private static final int LOGITS = 1 << 25;

    /** Numbers in the hidden states of one model in memory at once: 4 GiB. Every so many the blocks are loaded again. */
    private static final int HIDDEN = 1 << 30;

    private final ComputeBackend backend;
    private final List<ModelDirectory> models;
    private final int hidden;

    LogitWalk(ComputeBackend backend, ModelDirectory... models) {
        this(backend, HIDDEN, models);
    }

    /**
     * @param backend where to compute
     * @param hidden most numbers in the hidden states of one model; one window goes through in any case
     * @param models of one vocabulary
     */
    LogitWalk(ComputeBackend backend, int hidden, ModelDirectory... models) {
        this.backend = backend;
        this.hidden = hidden;
        this.models = List.of(models);
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
        int step = together(text.length());
        for (int from = 0; from < windows.size(); from += step) {
            int to = Math.min(windows.size(), from + step);
            TextWindows part = new TextWindows(windows.subList(from, to), text.specialTokens());
            try (Walk walk = new Walk(part)) {
                walk.run(progress.part((double) from / windows.size(), (double) to / windows.size()), visitor);
            }
        }
        progress.update(1, windows.size() + " windows");
    }

    private int together(int length) {
        int widest =
                models.stream().mapToInt(model -> model.config().hidden()).max().orElseThrow();
        return (int) Math.max(1, hidden / ((long) length * widest));
    }

    /** Windows whose hidden states are in memory at once. */
    private final class Walk implements AutoCloseable {

        private final TextWindows text;
        private final List<BlockRunner> runners = new ArrayList<>();

        Walk(TextWindows text) {
            this.text = text;
            try (CloseOnFailure opened = new CloseOnFailure(this::close)) {
                models.forEach(model -> runners.add(new BlockRunner(backend, model, text.tokens())));
                opened.keep();
            }
        }

        void run(Progress progress, Visitor visitor) {
            int blocks =
                    models.stream().mapToInt(model -> model.config().blocks()).sum();
            int done = 0;
            for (int i = 0; i < models.size(); i++) {
                for (int block = 0; block < models.get(i).config().blocks(); block++) {
                    Progress part = progress.part((double) done / (blocks + 1), (done + 1.0) / (blocks + 1));
                    runners.get(i).run(block, InputListener.NONE, part);
                    done++;
                }
            }
            try (Workspace workspace = backend.workspace()) {
                List<HeadForward> heads = models.stream()
                        .map(model -> HeadForward.load(backend, workspace, model))
                        .toList();
                for (int window = 0; window < text.tokens().size(); window++) {
                    window(heads, window, visitor);
                }
            }
        }

        private void window(List<HeadForward> heads, int window, Visitor visitor) {
            int[] tokens = text.tokens().get(window);
            int row = window * tokens.length;
            int last = tokens.length - 1;
            int step = Math.max(1, LOGITS / models.getFirst().config().vocabulary());
            for (int from = Math.max(0, text.specialTokens() - 1); from < last; from += step) {
                int end = Math.min(last, from + step);
                try (Workspace workspace = backend.workspace()) {
                    List<Matrix> logits = new ArrayList<>();
                    for (int i = 0; i < models.size(); i++) {
                        Matrix states = runners.get(i).hidden().rows(row + from, row + end);
                        logits.add(logits(workspace, heads.get(i), states));
                    }
                    int[] targets = Arrays.copyOfRange(tokens, from + 1, end + 1);
                    visitor.visit(logits, workspace.copyOf(1, targets.length, targets));
                }
            }
        }

        /** Every position is visited once: its state may be overwritten. */
        private static Matrix logits(Workspace workspace, HeadForward head, Matrix states) {
            head.normalize(states, states);
            Matrix logits = workspace.matrix(states.rows(), head.weight().rows());
            head.logits(states, logits);
            return logits;
        }

        @Override
        public void close() {
            runners.forEach(BlockRunner::close);
        }
    }
}
