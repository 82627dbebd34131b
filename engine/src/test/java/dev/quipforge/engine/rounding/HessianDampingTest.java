package dev.quipforge.engine.rounding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HessianDampingTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Arena arena = Arena.ofShared();

    @AfterEach
    void close() {
        arena.close();
        backend.close();
    }

    @Test
    void regularizingAddsAPartOfTheMeanOfTheDiagonal() {
        HostMatrix hessian = HostMatrix.of(arena, 2, 2, 1, 0.5f, 0.5f, 3);
        HessianDamping.regularize(backend.dense(), hessian, 0.01);
        assertThat((double) hessian.get(0, 0)).isCloseTo(1.02, within(1e-6));
        assertThat((double) hessian.get(1, 1)).isCloseTo(3.02, within(1e-6));
        assertThat(hessian.get(0, 1)).isEqualTo(0.5f);
    }

    @Test
    void aHessianThatIsNotPositiveDefiniteIsDampedUntilItIs() {
        HostMatrix hessian = HostMatrix.of(arena, 2, 2, 1, 1.2f, 1.2f, 1);
        HostMatrix lower = HostMatrix.allocate(arena, 2, 2);
        assertThat(HessianDamping.factor(backend, hessian, lower, 1)).isEqualTo(0.3);
        assertThat((double) lower.get(1, 0)).isCloseTo(1.2 / 1.3, within(1e-6));
        assertThat(hessian.get(0, 0)).isEqualTo(1);
    }

    @Test
    void aHessianThatCannotBeSavedIsAnError() {
        HostMatrix hessian = HostMatrix.of(arena, 2, 2, 1, 5, 5, 1);
        assertThatThrownBy(() -> HessianDamping.factor(backend, hessian, HostMatrix.allocate(arena, 2, 2), 1))
                .isInstanceOf(NotPositiveDefiniteException.class);
    }
}
