package dev.quipforge.inference.serving;

import java.util.function.LongConsumer;

/**
 * Memory for a model that is about to be loaded.
 *
 * @param cacheBytes for its keys and values, at most
 * @param room asked for all its bytes; throws when there is none
 */
record ServingMemory(long cacheBytes, LongConsumer room) {

    void reserve(long bytes) {
        room.accept(bytes);
    }
}
