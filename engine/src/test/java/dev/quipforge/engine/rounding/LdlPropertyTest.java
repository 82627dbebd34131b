package dev.quipforge.engine.rounding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.AfterTry;

/** What holds of the block LDL factorization, and of the feedback by it, for every Hessian. */
class LdlPropertyTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private Arena arena = Arena.ofShared();
    private Workspace workspace = backend.workspace();

    @AfterTry
    void startAfresh() {
        workspace.close();
        arena.close();
        workspace = backend.workspace();
        arena = Arena.ofShared();
    }

    @AfterProperty
    void close() {
        workspace.close();
        arena.close();
        backend.close();
    }

    @Property(tries = 60)
    void theFactorsMultipliedAreTheMatrix(
            @ForAll @IntRange(min = 1, max = 20) int block,
            @ForAll @IntRange(min = 1, max = 12) int blocks,
            @ForAll long seed) {
        Problem problem = new Problem(block, block * blocks, seed);
        Matrix half = workspace.matrix(problem.order(), problem.order());
        Matrix whole = workspace.matrix(problem.order(), problem.order());
        backend.dense().addToDiagonal(problem.lower, 1);
        backend.dense().multiply(problem.lower, problem.diagonal, half);
        backend.dense().multiplyTransposed(half, problem.lower, whole);
        backend.dense().add(-1, problem.hessian, whole);
        assertThat(backend.dense().innerProduct(whole, whole))
                .isLessThan(1e-9 * backend.dense().innerProduct(problem.hessian, problem.hessian));
    }

    /** tr(E H Eᵀ) = Σ tr(η_i D_i η_iᵀ), where η_i is what the rounding of block i leaves over: the proof of QuIP. */
    @Property(tries = 60)
    void theLossIsThatOfTheRoundingUnderTheDiagonal(
            @ForAll @IntRange(min = 1, max = 16) int block,
            @ForAll @IntRange(min = 1, max = 24) int blocks,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll long seed) {
        Problem problem = new Problem(block, block * blocks, seed);
        Matrix errors = workspace.copyOf(gaussian(seed + 1, rows, problem.order()));
        Matrix rounded = workspace.matrix(rows, problem.order());
        HostMatrix left = HostMatrix.allocate(arena, rows, problem.order());
        BlockRounder nearest = (first, target, result) -> {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < block; j++) {
                    float value = HostMatrix.require(target).get(i, j);
                    HostMatrix.require(result).set(i, j, Math.round(value));
                    left.set(i, first + j, value - Math.round(value));
                }
            }
        };
        new BlockLdlq(backend, problem.lower, block).round(errors, nearest, rounded);
        double loss = ProxyLoss.energy(backend, errors, problem.hessian);
        double underDiagonal = ProxyLoss.energy(backend, workspace.copyOf(left), problem.diagonal);
        assertThat(loss).isCloseTo(underDiagonal, within(1e-3 * underDiagonal));
    }

    /** A random Hessian with its factors. */
    private final class Problem {

        private final Matrix hessian;
        private final Matrix lower;
        private final Matrix diagonal;

        Problem(int block, int order, long seed) {
            hessian = workspace.matrix(order, order);
            backend.dense().addGram(workspace.copyOf(gaussian(seed, order + 5, order)), hessian);
            HessianDamping.regularize(backend.dense(), hessian, 0.05);
            lower = workspace.matrix(order, order);
            backend.dense().copy(hessian, lower);
            backend.factor().cholesky(lower);
            diagonal = workspace.matrix(order, order);
            for (int first = 0; first < order; first += block) {
                Matrix square = lower.rows(first, first + block).columns(first, first + block);
                backend.dense()
                        .multiplyTransposed(
                                square,
                                square,
                                diagonal.rows(first, first + block).columns(first, first + block));
            }
            backend.factor().blockUnitLower(lower, block);
        }

        int order() {
            return hessian.rows();
        }
    }

    private HostMatrix gaussian(long seed, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(seed);
        HostMatrix matrix = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(i, j, (float) random.nextGaussian());
            }
        }
        return matrix;
    }
}
