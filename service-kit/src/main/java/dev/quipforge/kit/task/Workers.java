package dev.quipforge.kit.task;

import dev.quipforge.kit.compute.Devices;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * The workers of a process, one a device: each takes tasks by itself, with handlers of its own. What needs no device is a
 * bean, and every worker does it.
 */
public final class Workers {

    private final SequencedMap<String, List<TaskHandler<?>>> handlers = new LinkedHashMap<>();

    private Workers() {}

    /**
     * A worker on each of these devices.
     *
     * @param handlers the handlers that compute on a backend
     */
    public static <B extends AutoCloseable> Workers on(
            Devices<B> devices, Function<? super B, List<TaskHandler<?>>> handlers) {
        Workers workers = new Workers();
        devices.byName().forEach((name, backend) -> workers.handlers.put(name, List.copyOf(handlers.apply(backend))));
        return workers;
    }

    /** How many there are. */
    int count() {
        return handlers.size();
    }

    /** Of every worker the handlers that are its own, by the name of its device. */
    SequencedMap<String, List<TaskHandler<?>>> handlers() {
        return Collections.unmodifiableSequencedMap(handlers);
    }
}
