package dev.quipforge.inference.serving;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.inference.serving.ModelNotServedException.Reason;
import dev.quipforge.llm.generation.Generator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models in memory, the least recently used first to go; a model in use stays. */
public final class LoadedModels implements AutoCloseable {

    private final ModelCatalog catalog;
    private final ComputeBackend backend;
    private final ServingProperties properties;
    private final Map<String, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);

    LoadedModels(ModelCatalog catalog, ComputeBackend backend, ServingProperties properties) {
        this.catalog = catalog;
        this.backend = backend;
        this.properties = properties;
    }

    /**
     * The model, loaded if it is not yet. Close it after use.
     *
     * @throws ModelNotServedException when there is no such model, or no room for it
     */
    public LoadedModel acquire(String model) {
        if (!catalog.contains(model)) {
            throw new ModelNotServedException(Reason.UNKNOWN, "model: " + model + " (expected: one of /v1/models)");
        }
        Slot slot = take(model);
        try (CloseOnFailure taken = new CloseOnFailure(() -> abandon(model, slot))) {
            long cacheBytes = properties.cache().toBytes();
            ServingMemory room = new ServingMemory(cacheBytes, bytes -> makeRoom(slot, model, bytes));
            Generator generator = slot.load(catalog, backend, room);
            return taken.keep(new LoadedModel(generator, () -> giveBack(slot)));
        }
    }

    private synchronized Slot take(String model) {
        Slot slot = slots.computeIfAbsent(model, Slot::new);
        slot.users++;
        return slot;
    }

    private synchronized void giveBack(Slot slot) {
        slot.users--;
    }

    private synchronized void abandon(String model, Slot slot) {
        slot.users--;
        if (slot.users == 0) {
            slots.remove(model, slot);
        }
    }

    private synchronized void makeRoom(Slot slot, String model, long bytes) {
        long memory = properties.memory().toBytes();
        long used = slots.values().stream().mapToLong(each -> each.bytes).sum();
        Iterator<Slot> oldestFirst = slots.values().iterator();
        while (used + bytes > memory && oldestFirst.hasNext()) {
            Slot old = oldestFirst.next();
            if (old.users == 0) {
                used -= old.bytes;
                old.close();
                oldestFirst.remove();
            }
        }
        if (used + bytes > memory) {
            throw new ModelNotServedException(
                    Reason.NO_ROOM,
                    "model: %s needs %d bytes (expected: at most %d, less %d of models in use)"
                            .formatted(model, bytes, memory, used));
        }
        slot.bytes = bytes;
    }

    @Override
    public void close() {
        List<Slot> all;
        synchronized (this) {
            all = List.copyOf(slots.values());
            slots.clear();
        }
        all.forEach(Slot::close);
    }
}
