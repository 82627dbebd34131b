package dev.quipforge.engine.compute.vector.lanes;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the pieces of one operation on all cores; the calling thread works with them, so that calls from several threads
 * and calls within calls make progress. How an operation is cut into pieces must not depend on {@link #threads()}.
 */
public final class Workers implements AutoCloseable {

    /** Elements that are worth handing to another thread. */
    private static final int PIECE = 1 << 15;

    private final int threads;
    private final ThreadPoolExecutor pool;

    /**
     * Starts no thread yet.
     *
     * @param threads how many work at a time, the calling one with them
     */
    public Workers(int threads) {
        this.threads = threads;
        int helpers = Math.max(1, threads - 1);
        ThreadFactory daemons =
                Thread.ofPlatform().daemon().name("quipforge-vector-", 0).factory();
        this.pool =
                new ThreadPoolExecutor(helpers, helpers, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons);
        pool.allowCoreThreadTimeOut(true);
    }

    /** How many threads work at a time. */
    public int threads() {
        return threads;
    }

    /** What is done to a span of rows of some matrix. */
    public interface Span {

        /** Works on rows {@code from} to {@code to}, the last one not included. */
        void of(int from, int to);
    }

    /** Runs {@code body} for every index below {@code count}, in any order, and returns when all are done. */
    public void each(int count, IntConsumer body) {
        if (threads == 1 || count <= 1) {
            for (int i = 0; i < count; i++) {
                body.accept(i);
            }
            return;
        }
        Batch batch = new Batch(count, body);
        for (int i = Math.min(threads, count); i > 1; i--) {
            pool.execute(batch);
        }
        batch.run();
        batch.await();
    }

    /** Runs {@code body} over spans of rows that hold about {@link #PIECE} elements each. */
    public void rows(int rows, int columns, Span body) {
        int height = height(columns);
        each((rows + height - 1) / height, i -> body.of(i * height, Math.min(rows, (i + 1) * height)));
    }

    /** Rows of one span of {@link #rows}. */
    public static int height(int columns) {
        return Math.max(1, PIECE / Math.max(1, columns));
    }

    @Override
    public void close() {
        pool.shutdown();
    }

    private static final class Batch implements Runnable {

        private final int count;
        private final IntConsumer body;
        private final AtomicInteger next = new AtomicInteger();
        private final CountDownLatch open;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Batch(int count, IntConsumer body) {
            this.count = count;
            this.body = body;
            this.open = new CountDownLatch(count);
        }

        @Override
        public void run() {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                try {
                    if (failure.get() == null) {
                        body.accept(i);
                    }
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    open.countDown();
                }
            }
        }

        void await() {
            boolean interrupted = false;
            while (true) {
                try {
                    open.await();
                    break;
                } catch (InterruptedException e) {
                    // the pieces still read and write the caller's matrices: leaving now would free them while in use
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            switch (failure.get()) {
                case null -> {}
                case Error e -> throw e;
                case RuntimeException e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
