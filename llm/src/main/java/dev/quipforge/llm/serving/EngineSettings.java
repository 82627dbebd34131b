package dev.quipforge.llm.serving;

import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.transformer.PagedCache;

/**
 * The bounds of an engine.
 *
 * @param texts most texts that are continued at once
 * @param rows most tokens of a step, of prompts and continuations together
 * @param waiting most texts that wait for their turn
 * @param pages pages of the cache
 * @param pageLength positions of a page
 * @param context most tokens of a text
 */
public record EngineSettings(int texts, int rows, int waiting, int pages, int pageLength, int context) {

    private static final int TEXTS = 32;
    private static final int ROWS = 256;
    private static final int WAITING = 256;
    private static final int PAGE_LENGTH = 16;

    public EngineSettings {
        requireAtLeast("texts", texts, 1);
        requireAtLeast("rows", rows, texts);
        requireAtLeast("waiting", waiting, 1);
        requireAtLeast("page length", pageLength, 1);
        requireAtLeast("context", context, 2);
        requireAtLeast("pages", pages, 1);
    }

    /**
     * The usual bounds.
     *
     * @param config the model
     * @param cacheBytes memory for keys and values; more than all texts can use is not taken
     * @throws IllegalArgumentException when that is not enough for a text of some tokens
     */
    public static EngineSettings of(ModelConfig config, long cacheBytes) {
        long pageBytes = PagedCache.bytesPerPosition(config) * PAGE_LENGTH;
        long most = (long) TEXTS * Math.ceilDiv(config.context(), PAGE_LENGTH);
        long pages = Math.min(Math.min(most, cacheBytes / pageBytes), Integer.MAX_VALUE / PAGE_LENGTH);
        if (pages < 2) {
            throw new IllegalArgumentException("cache: " + cacheBytes + " bytes (expected: at least " + 2 * pageBytes
                    + ", two pages of " + PAGE_LENGTH + " positions)");
        }
        int context = (int) Math.min(config.context(), pages * PAGE_LENGTH);
        return new EngineSettings(TEXTS, ROWS, WAITING, (int) pages, PAGE_LENGTH, context);
    }

    /** Bytes of keys and values in all pages. */
    public long cacheBytes(ModelConfig config) {
        return PagedCache.bytesPerPosition(config) * pageLength * pages;
    }

    private static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least " + least + ")");
        }
    }
}
