package dev.quipforge.llm.serving;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.transformer.PagedCache;
import dev.quipforge.llm.transformer.ServedDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Continues many texts at once with one model. A step takes the next token of every text that is being continued, and a part of
 * the prompts of those that begin. Whatever stands beside a text has no effect on its tokens: the same request gives the same ones
 * alone, among others, after a beginning that was found in the cache, and after it had to wait in between.
 *
 * <p>One thread computes. {@link #submit} and {@link Sequence#cancel} may be called from any.
 */
public final class Engine implements AutoCloseable {

    private final ServedDecoder model;
    private final EngineSettings settings;
    private final PagedCache cache;
    private final Scheduler scheduler;
    private final BlockingQueue<Sequence> inbox = new LinkedBlockingQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;
    private volatile EngineStatus status;
    private long steps;
    private long promptTokens;
    private long cachedTokens;
    private long tokens;

    private Engine(ServedDecoder model, EngineSettings settings) {
        this.model = model;
        this.settings = settings;
        this.cache = new PagedCache(model.backend(), model.config(), settings.pages(), settings.pageLength());
        this.scheduler = new Scheduler(settings, cache);
        this.status = status();
        this.thread = Thread.ofPlatform().daemon().name("quipforge-engine").unstarted(this::run);
    }

    /**
     * Starts an engine.
     *
     * @param model which it uses alone from now on, and closes when it is closed
     * @param settings its bounds
     */
    public static Engine start(ServedDecoder model, EngineSettings settings) {
        try (CloseOnFailure opened = new CloseOnFailure(model::close)) {
            Engine engine = new Engine(model, settings);
            engine.thread.start();
            return opened.keep(engine);
        }
    }

    /** What the model's {@code config.json} says. */
    public ModelConfig config() {
        return model.config();
    }

    /** Its bounds. */
    public EngineSettings settings() {
        return settings;
    }

    /** What it was doing at the end of the last step. */
    public EngineStatus currentStatus() {
        return status;
    }

    /**
     * Has a text continued.
     *
     * @param prompt at least one token
     * @param sampling how
     * @param listener hears of every token
     * @throws InvalidModelException when the prompt is empty, has a token that the model does not have, or leaves no room
     * @throws EngineFullException when too many texts wait
     */
    public Sequence submit(int[] prompt, Sampling sampling, SequenceListener listener) {
        requirePrompt(prompt, sampling);
        if (open.incrementAndGet() > settings.texts() + settings.waiting()) {
            open.decrementAndGet();
            throw new EngineFullException(settings.waiting());
        }
        Sequence sequence = new Sequence(prompt, sampling, listener);
        inbox.add(sequence);
        if (closed) {
            // the engine may have looked into its inbox for the last time before
            drainClosed();
        }
        return sequence;
    }

    private void requirePrompt(int[] prompt, Sampling sampling) {
        if (prompt.length == 0) {
            throw new InvalidModelException("prompt", "empty (expected: at least one token)");
        }
        for (int token : prompt) {
            if (token < 0 || token >= config().vocabulary()) {
                throw new InvalidModelException(
                        "prompt", "token " + token + " (expected: 0 to " + (config().vocabulary() - 1) + ")");
            }
        }
        long longest = (long) prompt.length + sampling.maxTokens();
        if (longest > settings.context()) {
            throw new InvalidModelException(
                    "prompt",
                    prompt.length + " tokens and " + sampling.maxTokens() + " to generate (expected: at most "
                            + settings.context() + " together)");
        }
    }

    private void run() {
        while (!closed) {
            take();
            dropCancelled();
            List<Piece> pieces = scheduler.next();
            if (!pieces.isEmpty()) {
                step(pieces);
            }
            status = status();
        }
        drainClosed();
        for (Sequence sequence : scheduler.all()) {
            end(sequence, SequenceEnd.Reason.FAILED, new IllegalStateException("engine: closed"));
        }
        status = status();
    }

    /** Brings what came in to the scheduler; waits for it when there is nothing else to do. */
    private void take() {
        try {
            if (scheduler.isIdle()) {
                scheduler.add(inbox.take());
            }
        } catch (InterruptedException _) {
            // close() interrupts: the loop sees it
        }
        List<Sequence> arrived = new ArrayList<>();
        inbox.drainTo(arrived);
        arrived.forEach(scheduler::add);
    }

    private void dropCancelled() {
        scheduler.all().stream()
                .filter(Sequence::isCancelled)
                .forEach(sequence -> end(sequence, SequenceEnd.Reason.CANCELLED, null));
    }

    private void step(List<Piece> pieces) {
        List<float[]> logits;
        try {
            logits = new Step(model, cache, settings, pieces).run();
        } catch (RuntimeException | OutOfMemoryError e) {
            pieces.forEach(piece -> end(piece.sequence(), SequenceEnd.Reason.FAILED, e));
            return;
        }
        steps++;
        int drawn = 0;
        for (Piece piece : pieces) {
            Sequence sequence = piece.sequence();
            boolean isLast = piece.isLast();
            sequence.advanceTo(piece.to());
            scheduler.publish(sequence);
            count(piece);
            if (isLast) {
                draw(sequence, logits.get(drawn++));
            }
        }
    }

    private void count(Piece piece) {
        int prompt = piece.sequence().promptTokens();
        promptTokens += Math.max(0, Math.min(prompt, piece.to()) - piece.from());
    }

    private void draw(Sequence sequence, float[] logits) {
        int token = sequence.draw(logits);
        tokens++;
        boolean goOn;
        try {
            goOn = sequence.listener().token(token);
        } catch (RuntimeException e) {
            end(sequence, SequenceEnd.Reason.FAILED, e);
            return;
        }
        if (!goOn || config().endTokens().contains(token)) {
            end(sequence, SequenceEnd.Reason.STOP, null);
        } else if (sequence.isFull()) {
            end(sequence, SequenceEnd.Reason.LENGTH, null);
        }
    }

    private void end(Sequence sequence, SequenceEnd.Reason reason, @Nullable Throwable failure) {
        scheduler.remove(sequence);
        finish(sequence, reason, failure);
    }

    private void finish(Sequence sequence, SequenceEnd.Reason reason, @Nullable Throwable failure) {
        open.decrementAndGet();
        SequenceEnd end = sequence.end(reason, failure);
        cachedTokens += end.cachedTokens();
        try {
            sequence.listener().ended(end);
        } catch (RuntimeException e) {
            System.getLogger(Engine.class.getName())
                    .log(System.Logger.Level.WARNING, "a listener failed at the end of its text", e);
        }
    }

    private void drainClosed() {
        List<Sequence> late = new ArrayList<>();
        inbox.drainTo(late);
        late.forEach(
                sequence -> finish(sequence, SequenceEnd.Reason.FAILED, new IllegalStateException("engine: closed")));
    }

    private EngineStatus status() {
        PagePool pool = scheduler.pool();
        return new EngineStatus(
                scheduler.running(),
                scheduler.waiting() + inbox.size(),
                pool.size(),
                pool.size() - pool.free(),
                pool.idle(),
                steps,
                promptTokens,
                cachedTokens,
                tokens,
                scheduler.preemptions());
    }

    /** Ends all texts, and frees the model; returns when that is done. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                // the thread computes with memory that is freed below
                interrupted = true;
            }
        }
        cache.close();
        model.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
