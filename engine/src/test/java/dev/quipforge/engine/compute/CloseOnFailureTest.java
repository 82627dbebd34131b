package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloseOnFailureTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");

    @AfterEach
    void close() {
        backend.close();
    }

    /** Owns a workspace. */
    private record Owner(Workspace workspace, Matrix matrix) implements AutoCloseable {

        static Owner open(ComputeBackend backend, Runnable whileLoading) {
            Workspace workspace = backend.workspace();
            try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
                Matrix matrix = workspace.matrix(3, 4);
                whileLoading.run();
                return opened.keep(new Owner(workspace, matrix));
            }
        }

        @Override
        public void close() {
            workspace.close();
        }
    }

    @Test
    void whatSucceedsStaysOpen() {
        try (Owner owner = Owner.open(backend, () -> {})) {
            assertThat(backend.allocatedBytes()).isEqualTo(3 * 4 * Float.BYTES);
            assertThat(HostMatrix.require(owner.matrix).get(2, 3)).isZero();
        }
        assertThat(backend.allocatedBytes()).isZero();
    }

    @Test
    void whateverIsThrownClosesWhatWasOpened() {
        for (Error error : new Error[] {new OutOfMemoryError("full"), new AssertionError("wrong")}) {
            assertThatThrownBy(() -> Owner.open(backend, () -> {
                        throw error;
                    }))
                    .isSameAs(error);
            assertThat(backend.allocatedBytes()).isZero();
        }
    }

    @Test
    void whatClosingThrowsIsSuppressed() {
        assertThatThrownBy(() -> {
                    try (CloseOnFailure opened = new CloseOnFailure(() -> {
                        throw new IllegalStateException("closing");
                    })) {
                        opened.keep(Integer.parseInt("x"));
                    }
                })
                .isInstanceOf(NumberFormatException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }
}
