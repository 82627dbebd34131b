package dev.quipforge.llm.serving;

/**
 * What an engine is doing, and what it has done since it began.
 *
 * @param running texts that are being continued
 * @param waiting texts that wait for their turn
 * @param pages pages of the cache
 * @param usedPages pages that texts use
 * @param idlePages pages that hold beginnings of texts to come
 * @param steps steps
 * @param promptTokens tokens of prompts that were computed
 * @param cachedTokens tokens of prompts that were found in the cache
 * @param tokens tokens generated
 * @param preemptions how often a text had to give its pages back
 */
public record EngineStatus(
        int running,
        int waiting,
        int pages,
        int usedPages,
        int idlePages,
        long steps,
        long promptTokens,
        long cachedTokens,
        long tokens,
        long preemptions) {}
