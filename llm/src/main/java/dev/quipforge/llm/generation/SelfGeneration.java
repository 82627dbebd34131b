package dev.quipforge.llm.generation;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.sampling.Sampler;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.transformer.BatchCache;
import dev.quipforge.llm.transformer.Decoder;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Windows of tokens that a model writes itself, drawn from its own distribution: calibration without any text, for those who
 * have none or may not fetch one. Every window begins with the special tokens that the tokenizer puts before a text; where it puts
 * none there, its first token follows the end of a text. After an end of text the next text begins in the same window.
 */
public final class SelfGeneration {

    /**
     * Windows that grow together. It is fixed, since the order of sums depends on it; so a range that begins with a multiple of
     * it, and ends with one or with the last window of all, has the same tokens whoever writes the others.
     */
    public static final int BATCH = 64;

    private final Decoder model;
    private final int[] prefix;
    private final Sampling sampling;

    /**
     * Generates with {@code model}, which is not closed here.
     *
     * @param model the original
     * @param prefix special tokens with which every window begins, those of its tokenizer
     * @param seed decides every draw
     */
    public SelfGeneration(Decoder model, int[] prefix, long seed) {
        this.model = model;
        this.prefix = prefix.clone();
        this.sampling = new Sampling(Integer.MAX_VALUE, 1, 1, seed, List.of());
    }

    /**
     * Demands what a model must have to write windows.
     *
     * @param config the model
     * @param prefix special tokens with which every window begins, those of its tokenizer
     * @param context tokens of one window
     * @throws InvalidModelException when the model has neither these nor an end-of-text token to begin with, or no such long
     *     context
     */
    public static void check(ModelConfig config, int[] prefix, int context) {
        int least = prefix.length + 1;
        int most = config.context();
        if (context < least || context > most) {
            throw new InvalidModelException(
                    "context", context + " (expected: " + least + " to " + most + " of this model)");
        }
        if (prefix.length == 0 && config.endTokens().isEmpty()) {
            throw new InvalidModelException(
                    "config.json", "no eos_token_id (expected: one, with which a generated text begins)");
        }
    }

    /**
     * Draws windows.
     *
     * @param samples how many
     * @param context tokens of each
     * @param progress hears of every token
     * @return token ids, window after window
     * @throws InvalidModelException when the model cannot, see {@link #check}
     */
    public List<int[]> windows(int samples, int context, Progress progress) {
        if (samples < 1) {
            throw new InvalidModelException("samples", samples + " (expected: at least 1)");
        }
        return range(0, samples, context, progress);
    }

    /**
     * Draws some of the windows, with the tokens that they have among all.
     *
     * @param first first window, a multiple of {@link #BATCH}
     * @param last last window, exclusive
     * @param context tokens of each
     * @param progress hears of every token
     * @return token ids, window after window
     * @throws InvalidModelException when the model cannot, see {@link #check}
     */
    public List<int[]> range(int first, int last, int context, Progress progress) {
        check(model.config(), prefix, context);
        if (first < 0 || first % BATCH != 0 || last <= first) {
            throw new InvalidModelException(
                    "windows", first + " to " + last + " (expected: from a multiple of " + BATCH + " to more)");
        }
        List<int[]> windows = new ArrayList<>();
        for (int from = first; from < last; from += BATCH) {
            int to = Math.min(last, from + BATCH);
            double all = last - first;
            Progress part = progress.part((from - first) / all, (to - first) / all);
            windows.addAll(batch(from, to - from, context, part));
        }
        return windows;
    }

    private List<int[]> batch(int first, int texts, int context, Progress progress) {
        List<Sampler> samplers = IntStream.range(first, first + texts)
                .mapToObj(window -> new Sampler(sampling, "calibration window " + window))
                .toList();
        int[][] windows = new int[texts][context];
        for (int[] window : windows) {
            System.arraycopy(prefix, 0, window, 0, prefix.length);
        }
        try (BatchCache cache = new BatchCache(model.backend(), model.config(), texts, context)) {
            int[] tokens = begin(cache, texts);
            for (int at = prefix.length; at < context; at++) {
                progress.update((double) at / context, "token " + at + " of " + texts + " windows");
                tokens = next(cache, tokens, samplers);
                for (int text = 0; text < texts; text++) {
                    windows[text][at] = tokens[text];
                }
            }
        }
        return List.of(windows);
    }

    /** Takes all texts up to the last token before the first that is drawn, which is returned. */
    private int[] begin(BatchCache cache, int texts) {
        int[] start = prefix.length > 0
                ? prefix
                : new int[] {model.config().endTokens().getFirst()};
        int[] tokens = new int[texts];
        for (int at = 0; at < start.length - 1; at++) {
            Arrays.fill(tokens, start[at]);
            try (Workspace workspace = model.backend().workspace()) {
                model.advance(workspace, cache, tokens);
            }
        }
        Arrays.fill(tokens, start[start.length - 1]);
        return tokens;
    }

    private int[] next(BatchCache cache, int[] tokens, List<Sampler> samplers) {
        try (Workspace workspace = model.backend().workspace();
                Arena arena = Arena.ofShared()) {
            Matrix logits = model.logits(workspace, model.advance(workspace, cache, tokens));
            HostMatrix host = HostMatrix.allocate(arena, logits.rows(), logits.columns());
            model.backend().download(logits, host);
            return IntStream.range(0, tokens.length)
                    .parallel()
                    .map(text -> samplers.get(text).next(host.row(text).toArray(ValueLayout.JAVA_FLOAT)))
                    .toArray();
        }
    }
}
