package dev.quipforge.engine.compute;

/** Opens one kind of backend; found by {@link java.util.ServiceLoader}. */
public interface ComputeBackendProvider {

    /** The name its backend is asked for by. */
    String name();

    /** Where it stands in {@link ComputeBackends#auto()}: the highest that opens is taken. */
    int preference();

    /**
     * Opens the backend; the caller closes it.
     *
     * @throws BackendUnavailableException when it cannot run here, with the reason
     */
    ComputeBackend open();
}
