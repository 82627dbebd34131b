package dev.quipforge.engine.compute.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The number of threads changes no bit of a result. */
class DeterminismTest {

    @Test
    void productsHaveTheSameBitsOnAnyNumberOfThreads() throws OpenBlas.NotLoadedException {
        Products products = new BlasProducts(OpenBlas.instance());
        try (ComputeBackend one = new VectorBackend(new Workers(1), products);
                ComputeBackend four = new VectorBackend(new Workers(4), products);
                Arena arena = Arena.ofConfined()) {
            HostMatrix a = gaussian(arena, 300, 700);
            HostMatrix b = gaussian(arena, 700, 1100);
            assertThat(product(one, a, b)).isEqualTo(product(four, a, b));
            assertThat(gram(one, b)).isEqualTo(gram(four, b));
        }
    }

    private static byte[] product(ComputeBackend backend, HostMatrix a, HostMatrix b) {
        try (Workspace workspace = backend.workspace()) {
            Matrix c = workspace.matrix(a.rows(), b.columns());
            backend.dense().multiply(workspace.copyOf(a), workspace.copyOf(b), c);
            return bytes(c);
        }
    }

    private static byte[] gram(ComputeBackend backend, HostMatrix x) {
        try (Workspace workspace = backend.workspace()) {
            Matrix c = workspace.matrix(x.columns(), x.columns());
            backend.dense().addGram(workspace.copyOf(x), c);
            return bytes(c);
        }
    }

    private static byte[] bytes(Matrix matrix) {
        return HostMatrix.require(matrix).data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private static HostMatrix gaussian(Arena arena, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(1);
        HostMatrix matrix = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(i, j, (float) random.nextGaussian());
            }
        }
        return matrix;
    }
}
