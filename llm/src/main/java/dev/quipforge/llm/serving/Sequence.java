package dev.quipforge.llm.serving;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.sampling.Sampler;
import dev.quipforge.llm.sampling.Sampling;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A text that an engine continues. All but {@link #cancel} is the engine's thread's. */
public final class Sequence {

    private final int promptTokens;
    private final Sampling sampling;
    private final Sampler sampler;
    private final SequenceListener listener;
    private final List<Integer> pages = new ArrayList<>();
    private int[] tokens;
    private int length;
    private int computed;
    private int cached;
    private int published;
    private volatile boolean cancelled;
    private @Nullable Saved saved;

    /** Keys and values of a text that gave its pages back. */
    private record Saved(Arena arena, List<HostMatrix> matrices) {}

    Sequence(int[] prompt, Sampling sampling, SequenceListener listener) {
        this.promptTokens = prompt.length;
        this.sampling = sampling;
        this.sampler = new Sampler(sampling);
        this.listener = listener;
        this.tokens = Arrays.copyOf(prompt, prompt.length + 16);
        this.length = prompt.length;
    }

    /** Ends the text soon; its listener hears of it. Has no effect on one that has ended. */
    public void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    int promptTokens() {
        return promptTokens;
    }

    /** Tokens of prompt and continuation so far. */
    int length() {
        return length;
    }

    /** Tokens whose keys and values are in the cache. */
    int computed() {
        return computed;
    }

    /** Most tokens that it may come to have. */
    int longest() {
        return promptTokens + sampling.maxTokens();
    }

    int[] tokens(int from, int to) {
        return Arrays.copyOfRange(tokens, from, to);
    }

    List<Integer> pages() {
        return pages;
    }

    /** Begins with pages whose keys and values are there. */
    void begin(int tokensInPages) {
        computed = tokensInPages;
        cached = tokensInPages;
        published = pages.size();
    }

    /** Keys and values up to {@code end} are in the cache. */
    void advanceTo(int end) {
        computed = end;
    }

    /** Pages that others may find. */
    int published() {
        return published;
    }

    void publishedOne() {
        published++;
    }

    /** Draws the next token. */
    int draw(float[] logits) {
        int token = sampler.next(logits);
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
        return token;
    }

    /** Whether it has as many tokens as were asked for. */
    boolean isFull() {
        return length == longest();
    }

    SequenceListener listener() {
        return listener;
    }

    /** Keeps copies of keys and values while it has no pages. */
    void save(Arena arena, List<HostMatrix> matrices) {
        saved = new Saved(arena, matrices);
        pages.clear();
        published = 0;
    }

    boolean isSaved() {
        return saved != null;
    }

    /** The copies. */
    List<HostMatrix> saved() {
        Saved copies = saved;
        if (copies == null) {
            throw new IllegalStateException("sequence: nothing saved");
        }
        return copies.matrices;
    }

    /** Frees the copies, if there are any. */
    void dropSaved() {
        if (saved != null) {
            saved.arena.close();
            saved = null;
        }
    }

    SequenceEnd end(SequenceEnd.Reason reason, @Nullable Throwable failure) {
        return new SequenceEnd(reason, promptTokens, cached, length - promptTokens, failure);
    }
}
