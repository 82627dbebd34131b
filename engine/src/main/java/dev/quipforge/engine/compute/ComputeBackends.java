package dev.quipforge.engine.compute;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** Opens backends by name, or the best that runs here; either way the choice is one line in the log. */
public final class ComputeBackends {

    private static final Logger LOG = System.getLogger(ComputeBackends.class.getName());

    private ComputeBackends() {}

    /** The names that {@link #named} knows, best first; not all of them need to run here. */
    public static List<String> names() {
        return providers().stream().map(ComputeBackendProvider::name).toList();
    }

    /**
     * The backend asked for by name; its absence is an error, never a silent fallback.
     *
     * @param name {@code scalar}, {@code vector}, {@code cuda}, or {@code auto} for {@link #auto()}
     * @throws BackendUnavailableException when there is none of that name, or it cannot run here
     */
    public static ComputeBackend named(String name) {
        if (name.equals("auto")) {
            return auto();
        }
        for (ComputeBackendProvider provider : providers()) {
            if (provider.name().equals(name)) {
                return opened(provider);
            }
        }
        throw new BackendUnavailableException(name, "there is none (expected one of: auto, " + names() + ")");
    }

    /**
     * The best backend that runs here; what it passed over is logged with the reason.
     *
     * @throws BackendUnavailableException when none runs
     */
    public static ComputeBackend auto() {
        List<String> passedOver = new ArrayList<>();
        for (ComputeBackendProvider provider : providers()) {
            try {
                return opened(provider);
            } catch (BackendUnavailableException e) {
                LOG.log(Level.INFO, "Passed over {0}", e.getMessage());
                passedOver.add(String.valueOf(e.getMessage()));
            }
        }
        throw new BackendUnavailableException("auto", "none runs here: " + passedOver);
    }

    private static ComputeBackend opened(ComputeBackendProvider provider) {
        ComputeBackend backend = provider.open();
        LOG.log(Level.INFO, "Compute backend {0}: {1}", backend.name(), backend.description());
        return backend;
    }

    private static List<ComputeBackendProvider> providers() {
        return ServiceLoader.load(ComputeBackendProvider.class, ComputeBackends.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(ComputeBackendProvider::preference)
                        .reversed())
                .toList();
    }
}
