package dev.quipforge.kit.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

class DevicesTest {

    private final List<String> open = new ArrayList<>();

    @Test
    void eachNameIsOpenedInTheOrderOfTheSetting() {
        try (Devices<Device> devices = open("b", "a", "b")) {
            assertThat(devices.byName().keySet()).containsExactly("b", "a", "b#2");
            assertThat(devices.first()).isSameAs(devices.byName().get("b"));
            assertThat(open).containsExactly("b", "a", "b");
        }
        assertThat(open).isEmpty();
    }

    @Test
    void aNameMayStandForSeveral() {
        try (Devices<Device> devices = open("a", "card:all")) {
            assertThat(devices.byName().keySet()).containsExactly("a", "card:0", "card:1");
        }
    }

    @Test
    void whatDoesNotOpenIsNamedWithItsSettingAndNothingStaysOpen() {
        assertThatThrownBy(() -> open("a", "broken", "b"))
                .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                .hasMessage("Property quipforge.compute.backend with value 'broken' is invalid: no driver");
        assertThat(open).isEmpty();
    }

    private Devices<Device> open(String... names) {
        return Devices.open(
                new ComputeProperties(List.of(names)),
                name -> name.equals("card:all") ? List.of("card:0", "card:1") : List.of(name),
                this::device);
    }

    private Device device(String name) {
        if (name.equals("broken")) {
            throw new IllegalStateException("no driver");
        }
        open.add(name);
        return () -> open.remove(name);
    }

    /** Something to open and to close. */
    @FunctionalInterface
    private interface Device extends AutoCloseable {
        @Override
        void close();
    }
}
