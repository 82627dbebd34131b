package dev.quipforge.engine.compute.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The number of threads changes no bit of a result. */
class DeterminismTest {

    @Test
    void productsHaveTheSameBitsOnAnyNumberOfThreads() {
        Products products = openBlas();
        try (ComputeBackend one = new VectorBackend(new Workers(1), products);
                ComputeBackend four = new VectorBackend(new Workers(4), products);
                Arena arena = Arena.ofConfined()) {
            HostMatrix a = gaussian(arena, 300, 700);
            HostMatrix b = gaussian(arena, 700, 1100);
            assertThat(product(one, a, b)).isEqualTo(product(four, a, b));
            assertThat(gram(one, b)).isEqualTo(gram(four, b));
        }
    }

    @Test
    void gradientsHaveTheSameBitsOnAnyNumberOfThreads() {
        Products products = openBlas();
        try (ComputeBackend one = new VectorBackend(new Workers(1), products);
                ComputeBackend four = new VectorBackend(new Workers(4), products);
                Arena arena = Arena.ofConfined()) {
            HostMatrix wide = gaussian(arena, 1100, 6 * 64);
            HostMatrix narrow = gaussian(arena, 1100, 2 * 64);
            assertThat(weightGradient(one, wide)).isEqualTo(weightGradient(four, wide));
            assertThat(normGradient(one, wide)).isEqualTo(normGradient(four, wide));
            assertThat(keyGradient(one, wide, narrow)).isEqualTo(keyGradient(four, wide, narrow));
            assertThat(tableGradient(one, wide)).isEqualTo(tableGradient(four, wide));
        }
    }

    private static Products openBlas() {
        Products products = Products.best();
        assertThat(products.description()).contains("OpenBLAS");
        return products;
    }

    private static byte[] weightGradient(ComputeBackend backend, HostMatrix x) {
        try (Workspace workspace = backend.workspace()) {
            Matrix gradient = workspace.matrix(x.columns(), x.columns());
            backend.gradient().addWeight(workspace.copyOf(x), workspace.copyOf(x), gradient);
            return bytes(gradient);
        }
    }

    private static byte[] normGradient(ComputeBackend backend, HostMatrix x) {
        try (Workspace workspace = backend.workspace()) {
            Matrix gradient = workspace.matrix(1, x.columns());
            Matrix input = workspace.copyOf(x);
            Matrix weight = workspace.copyOf(x).rows(0, 1);
            backend.gradient().rmsNorm(input, weight, 1e-5f, workspace.copyOf(x), workspace.copyOf(x), gradient);
            return bytes(gradient);
        }
    }

    private static byte[] keyGradient(ComputeBackend backend, HostMatrix wide, HostMatrix narrow) {
        AttentionGeometry geometry = AttentionGeometry.of(6, 2, 64);
        try (Workspace workspace = backend.workspace()) {
            Matrix query = workspace.copyOf(wide);
            Matrix key = workspace.copyOf(narrow);
            Matrix output = workspace.copyOf(wide);
            AttentionInputs results =
                    new AttentionInputs(workspace.copyOf(wide), workspace.copyOf(narrow), workspace.copyOf(narrow));
            backend.transformer().causalAttention(geometry, new AttentionInputs(query, key, key), 2, output);
            backend.gradient()
                    .causalAttention(geometry, new AttentionInputs(query, key, key), output, 2, query, results);
            return bytes(results.key());
        }
    }

    private static byte[] tableGradient(ComputeBackend backend, HostMatrix x) {
        Trellis trellis = Trellis.of("hyb", 16, 2);
        try (Workspace workspace = backend.workspace()) {
            Matrix gradient = workspace.matrix(512, 2);
            int tiles = 68 * 24;
            int[] words = new SplittableRandom(2).ints(tiles * 16L).toArray();
            Matrix weights = workspace.copyOf(x).rows(0, 68 * 16);
            backend.gradient().addTable(trellis, workspace.copyOf(tiles, 16, words), weights, gradient);
            return bytes(gradient);
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
