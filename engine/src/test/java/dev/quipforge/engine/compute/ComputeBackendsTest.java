package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ComputeBackendsTest {

    @Test
    void aBackendIsFoundByItsName() {
        for (String name : ComputeBackends.names()) {
            try (ComputeBackend backend = ComputeBackends.named(name)) {
                assertThat(backend.name()).isEqualTo(name);
                assertThat(backend.description()).isNotBlank();
            }
        }
        assertThat(ComputeBackends.names()).containsExactly("vector", "scalar");
    }

    @Test
    void autoTakesTheBest() {
        try (ComputeBackend backend = ComputeBackends.auto()) {
            assertThat(backend.name()).isEqualTo("vector");
        }
    }

    @Test
    void aBackendThatDoesNotExistIsAnErrorThatNamesThoseThatDo() {
        assertThatThrownBy(() -> ComputeBackends.named("abacus"))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessage("backend abacus: there is none (expected one of: auto, [vector, scalar])");
    }

    @Test
    void allOfABackendAreItsDevicesAndAnyOtherNameIsItself() {
        assertThat(ComputeBackends.expand("vector:all")).containsExactly("vector");
        assertThat(ComputeBackends.expand("cuda:1")).containsExactly("cuda:1");
        assertThat(ComputeBackends.expand("auto")).containsExactly("auto");
        assertThatThrownBy(() -> ComputeBackends.expand("abacus:all"))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessage("backend abacus:all: there is none (expected one of: auto, [vector, scalar])");
    }
}
