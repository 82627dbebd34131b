package dev.quipforge.engine.rounding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalDouble;
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
    void aHessianOfZerosBecomesAMultipleOfTheIdentity() {
        HostMatrix hessian = HostMatrix.allocate(arena, 2, 2);
        HessianDamping.regularize(backend.dense(), hessian, 0.01);
        assertThat(hessian.get(0, 0)).isEqualTo(hessian.get(1, 1)).isEqualTo(0.01f);
        assertThat(hessian.get(0, 1)).isZero();
    }

    @Test
    void aHessianOfZerosIsFactored() {
        HostMatrix lower = HostMatrix.allocate(arena, 2, 2);
        assertThat(HessianDamping.factor(backend, HostMatrix.allocate(arena, 2, 2), lower, 1))
                .isEqualTo(0.01);
        assertThat(lower.get(1, 0)).isZero();
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

    @Test
    void ofManyHessiansEachIsDampedByItself() {
        HostMatrix good = HostMatrix.of(arena, 2, 2, 1, 0.5f, 0.5f, 1);
        HostMatrix bad = HostMatrix.of(arena, 2, 2, 1, 5, 5, 1);
        HostMatrix unknown = HostMatrix.of(arena, 2, 2, 1, Float.NaN, Float.NaN, 1);
        HostMatrix damped = HostMatrix.of(arena, 2, 2, 1, 1.2f, 1.2f, 1);
        List<Matrix> lowers = Parts.of(HostMatrix.of(arena, 8, 2, new float[16]), 4);
        assertThat(HessianDamping.factor(backend, List.of(good, bad, unknown, damped), lowers, 1))
                .containsExactly(
                        OptionalDouble.of(0), OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.of(0.3));
        assertThat((double) HostMatrix.require(lowers.get(0)).get(1, 0)).isCloseTo(0.5, within(1e-6));
        assertThat(backend.dense().maxMagnitude(lowers.get(1))).isZero();
        assertThat(backend.dense().maxMagnitude(lowers.get(2))).isZero();
        assertThat((double) HostMatrix.require(lowers.get(3)).get(1, 0)).isCloseTo(1.2 / 1.3, within(1e-6));
    }
}
