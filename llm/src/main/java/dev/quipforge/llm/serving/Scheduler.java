package dev.quipforge.llm.serving;

import dev.quipforge.llm.transformer.PagedCache;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which texts take part in the next step. Texts are taken up in the order in which they came, as soon as there are pages for their
 * prompt; those taken up earlier come first. When pages run out, the text taken up last gives its own back and waits, with its keys
 * and values in host memory. Not for several threads.
 */
final class Scheduler {

    private final EngineSettings settings;
    private final PagedCache cache;
    private final PagePool pool;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();
    private long preemptions;

    Scheduler(EngineSettings settings, PagedCache cache) {
        this.settings = settings;
        this.cache = cache;
        this.pool = new PagePool(settings.pages(), settings.pageLength());
    }

    PagePool pool() {
        return pool;
    }

    int waiting() {
        return waiting.size();
    }

    int running() {
        return running.size();
    }

    /** How often a text had to give its pages back. */
    long preemptions() {
        return preemptions;
    }

    boolean isIdle() {
        return waiting.isEmpty() && running.isEmpty();
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    /** All texts, those taken up first. */
    List<Sequence> all() {
        List<Sequence> all = new ArrayList<>(running);
        all.addAll(waiting);
        return all;
    }

    /** Forgets a text, and frees what it holds. */
    void remove(Sequence sequence) {
        releasePages(sequence);
        sequence.dropSaved();
        running.remove(sequence);
        waiting.remove(sequence);
    }

    /** The pieces of the next step; each has pages for its tokens. */
    List<Piece> next() {
        List<Piece> pieces = new ArrayList<>();
        int rows = settings.rows();
        for (int i = 0; i < running.size() && rows > 0; i++) {
            rows -= plan(running.get(i), rows, pieces);
        }
        while (rows > 0 && running.size() < settings.texts() && !waiting.isEmpty() && takeUp(waiting.peek())) {
            Sequence sequence = waiting.remove();
            running.add(sequence);
            rows -= plan(sequence, rows, pieces);
        }
        return pieces;
    }

    /** Adds the next piece of a text; returns its tokens, 0 when it has to wait for pages. */
    private int plan(Sequence sequence, int rows, List<Piece> pieces) {
        int from = sequence.computed();
        int to = Math.min(sequence.length(), from + rows);
        while (!provide(sequence, to)) {
            if (running.getLast() == sequence || !running.contains(sequence)) {
                return 0;
            }
            preempt(running.getLast());
        }
        pieces.add(new Piece(sequence, from, to));
        return to - from;
    }

    /** Gives a text the pages for {@code tokens} tokens; whether there were enough. */
    private boolean provide(Sequence sequence, int tokens) {
        while (sequence.pages().size() < pool.pagesOf(tokens)) {
            OptionalInt page = pool.take();
            if (page.isEmpty()) {
                return false;
            }
            sequence.pages().add(page.getAsInt());
        }
        return true;
    }

    /** Whether the next text can begin, or go on: then it has the pages that hold what is known of it. */
    private boolean takeUp(Sequence sequence) {
        if (sequence.isSaved()) {
            return restore(sequence);
        }
        pool.takePrefix(sequence.tokens(0, sequence.length()), sequence.length() - 1, sequence.pages());
        int found = sequence.pages().size();
        if (pool.free() < pool.pagesOf(sequence.length() + 1) - found) {
            releasePages(sequence);
            return false;
        }
        sequence.begin(found * settings.pageLength());
        return true;
    }

    private void preempt(Sequence sequence) {
        preemptions++;
        List<Integer> used = sequence.pages().subList(0, pool.pagesOf(sequence.computed()));
        Arena arena = Arena.ofShared();
        List<Integer> pages = List.copyOf(sequence.pages());
        sequence.save(arena, cache.save(arena, used));
        pages.reversed().forEach(pool::release);
        running.remove(sequence);
        waiting.addFirst(sequence);
    }

    private boolean restore(Sequence sequence) {
        if (pool.free() < pool.pagesOf(sequence.length() + 1) || !provide(sequence, sequence.computed())) {
            return false;
        }
        cache.restore(sequence.saved(), sequence.pages());
        sequence.dropSaved();
        return true;
    }

    /** A text computed some tokens: pages that have become full can be found by others. */
    void publish(Sequence sequence) {
        int pageLength = settings.pageLength();
        while ((sequence.published() + 1) * pageLength <= sequence.computed()) {
            int index = sequence.published();
            OptionalInt before = index == 0
                    ? OptionalInt.empty()
                    : OptionalInt.of(sequence.pages().get(index - 1));
            int[] tokens = sequence.tokens(index * pageLength, (index + 1) * pageLength);
            pool.publish(sequence.pages().get(index), before, tokens);
            sequence.publishedOne();
        }
    }

    /** From the last to the first, so that the ends of texts are forgotten before what they have in common. */
    private void releasePages(Sequence sequence) {
        sequence.pages().reversed().forEach(pool::release);
        sequence.pages().clear();
    }
}
