package dev.quipforge.engine.compute;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Opens backends by name, or the best that runs here; either way the choice is one line in the log. */
public final class ComputeBackends {

    private static final Logger LOG = System.getLogger(ComputeBackends.class.getName());

    private static final Pattern NAME = Pattern.compile("([a-z]+)(?::([0-9]{1,3}))?");

    private static final String ALL = ":all";

    private ComputeBackends() {}

    /** The names that {@link #named} knows, best first; not all of them need to run here. */
    public static List<String> names() {
        return providers().stream().map(ComputeBackendProvider::name).toList();
    }

    /**
     * The backend asked for by name; its absence is an error, never a silent fallback.
     *
     * @param name {@code scalar}, {@code vector}, {@code cuda}, {@code cuda:1} for the second of several GPUs, or
     *     {@code auto} for {@link #auto()}
     * @throws BackendUnavailableException when there is none of that name, or it cannot run here
     */
    public static ComputeBackend named(String name) {
        if (name.equals("auto")) {
            return auto();
        }
        Matcher parts = NAME.matcher(name);
        for (ComputeBackendProvider provider : providers()) {
            if (parts.matches() && provider.name().equals(parts.group(1))) {
                String number = parts.group(2);
                return logged(number == null ? provider.open() : provider.open(Integer.parseInt(number)));
            }
        }
        throw unknown(name);
    }

    /**
     * The names of the devices that a name stands for: {@code cuda:all} for every GPU of this host, any other for itself.
     *
     * @throws BackendUnavailableException when all of a backend are asked for, and there is none
     */
    public static List<String> expand(String name) {
        if (!name.endsWith(ALL)) {
            return List.of(name);
        }
        String backend = name.substring(0, name.length() - ALL.length());
        return providers().stream()
                .filter(provider -> provider.name().equals(backend))
                .findFirst()
                .orElseThrow(() -> unknown(name))
                .devices()
                .stream()
                .map(ComputeDevice::name)
                .toList();
    }

    private static BackendUnavailableException unknown(String name) {
        return new BackendUnavailableException(name, "there is none (expected one of: auto, " + names() + ")");
    }

    /** What every backend finds here, or why it finds nothing; best first. Nothing is left open. */
    public static List<Survey> survey() {
        return providers().stream().map(ComputeBackends::surveyed).toList();
    }

    private static Survey surveyed(ComputeBackendProvider provider) {
        try {
            return new Survey(provider.name(), provider.devices(), Optional.empty());
        } catch (BackendUnavailableException e) {
            return new Survey(provider.name(), List.of(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * What one backend finds here.
     *
     * @param backend its name
     * @param devices what it can open, best first
     * @param problem why there is none
     */
    public record Survey(String backend, List<ComputeDevice> devices, Optional<String> problem) {

        public Survey {
            devices = List.copyOf(devices);
        }
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
                return logged(provider.open());
            } catch (BackendUnavailableException e) {
                LOG.log(Level.INFO, "Passed over {0}", e.getMessage());
                passedOver.add(String.valueOf(e.getMessage()));
            }
        }
        throw new BackendUnavailableException("auto", "none runs here: " + passedOver);
    }

    private static ComputeBackend logged(ComputeBackend backend) {
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
