package dev.quipforge.llm.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PaddingTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Workspace workspace = backend.workspace();
    private final Padding padding = new Padding(backend, 2, 4);
    private final Matrix odd = workspace.rowOf(1, 2, 3, 4, 5, 6, 7, 8, 9).reshape(3, 3);

    @AfterEach
    void close() {
        workspace.close();
        backend.close();
    }

    @Test
    void whatIsReadHasZerosAround() {
        padding.read(odd, padded -> {
            HostMatrix host = HostMatrix.require(padded);
            assertThat(host.rows()).isEqualTo(4);
            assertThat(host.columns()).isEqualTo(4);
            assertThat(host.get(2, 2)).isEqualTo(9);
            assertThat(host.get(2, 3)).isZero();
            assertThat(host.get(3, 0)).isZero();
        });
    }

    @Test
    void whatIsWrittenLosesItsPadding() {
        padding.write(odd, padded -> {
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) {
                    HostMatrix.require(padded).set(i, j, 10 * i + j);
                }
            }
        });
        assertThat(HostMatrix.require(odd).get(0, 2)).isEqualTo(2);
        assertThat(HostMatrix.require(odd).get(2, 1)).isEqualTo(21);
    }

    @Test
    void aMatrixOfWholeUnitsStandsForItself() {
        Matrix whole = workspace.matrix(4, 8);
        padding.read(whole, same -> assertThat(same).isSameAs(whole));
        padding.write(whole, same -> assertThat(same).isSameAs(whole));
    }
}
