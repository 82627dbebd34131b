package dev.quipforge.engine.compute;

import java.util.List;

/** Opens one kind of backend; found by {@link java.util.ServiceLoader}. */
public interface ComputeBackendProvider {

    /** The name its backend is asked for by. */
    String name();

    /** Its rank in {@link ComputeBackends#auto()}: of those that open, the highest is taken. */
    int preference();

    /**
     * Opens the backend on the device that suits it best; the caller closes it.
     *
     * @throws BackendUnavailableException when it cannot run here, with the reason
     */
    ComputeBackend open();

    /**
     * Opens the backend on one of several devices; the caller closes it.
     *
     * @param number of the device, from 0
     * @throws BackendUnavailableException when there is none of that number, or it cannot run
     */
    default ComputeBackend open(int number) {
        if (number != 0) {
            throw new BackendUnavailableException(
                    name() + ":" + number, "this backend has one device (expected: " + name() + ")");
        }
        return open();
    }

    /**
     * What it can open here, without keeping any of it open.
     *
     * @throws BackendUnavailableException when there is nothing, with the reason
     */
    default List<ComputeDevice> devices() {
        try (ComputeBackend backend = open()) {
            return List.of(new ComputeDevice(name(), backend.description()));
        }
    }
}
