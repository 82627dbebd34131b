package dev.quipforge.kit.compute;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What a process computes on: the backends that {@code quipforge.compute.backend} names, open and in that order. They are
 * opened by functions that the service hands in, since the kit does not see the engine.
 *
 * @param <B> a backend
 */
public final class Devices<B extends AutoCloseable> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private final SequencedMap<String, B> byName = new LinkedHashMap<>();

    private Devices() {}

    /**
     * Opens all of them; if one does not open, none stays open.
     *
     * @param expansion from a name in the setting to those of the devices that it stands for
     * @param opening from the name of one device to its backend
     * @throws InvalidConfigurationPropertyValueException when one does not open; it names the setting, the device and why
     */
    public static <B extends AutoCloseable> Devices<B> open(
            ComputeProperties properties, Function<String, List<String>> expansion, Function<String, B> opening) {
        List<String> names = new ArrayList<>();
        properties.backend().forEach(name -> names.addAll(reached(name, expansion)));
        Devices<B> devices = new Devices<>();
        try {
            names.forEach(name -> devices.add(name, reached(name, opening)));
            return devices;
        } catch (RuntimeException e) {
            devices.close();
            throw e;
        }
    }

    private static <T> T reached(String name, Function<String, T> way) {
        try {
            return way.apply(name);
        } catch (RuntimeException e) {
            var refused = new InvalidConfigurationPropertyValueException(
                    ComputeProperties.BACKEND, name, String.valueOf(e.getMessage()));
            // Not its cause: who looks for the root of a failed start must find the setting.
            refused.addSuppressed(e);
            throw refused;
        }
    }

    private void add(String name, B backend) {
        String unique = name;
        for (int number = 2; byName.containsKey(unique); number++) {
            unique = name + "#" + number;
        }
        byName.put(unique, backend);
    }

    /** By name of the device; one that is named twice is {@code vector} and {@code vector#2}. */
    public SequencedMap<String, B> byName() {
        return Collections.unmodifiableSequencedMap(byName);
    }

    /** The first, for what runs once in a process. */
    public B first() {
        return byName.firstEntry().getValue();
    }

    @Override
    public void close() {
        byName.reversed().forEach((name, backend) -> {
            try {
                backend.close();
            } catch (Exception e) {
                LOG.warn("backend not closed: name={}", name, e);
            }
        });
        byName.clear();
    }
}
