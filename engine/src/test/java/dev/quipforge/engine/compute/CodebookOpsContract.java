package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend's {@link CodebookOps} must do. */
public abstract class CodebookOpsContract extends ComputeBackendContract {

    static Iterable<Codebook> codebooks() {
        return Codebooks.all();
    }

    @ParameterizedTest
    @MethodSource("codebooks")
    void theNearestVectorsAreFound(Codebook codebook) {
        int width = 5 * codebook.dimension();
        Twins vectors = gaussian(1, 37, width + 3).columns(2, width + 2);
        Twins decoded = gaussian(2, 37, width);
        IntMatrix[] codes = twins(37, 5, new int[185]);
        backend().codebook().encode(codebook, vectors.actual(), codes[0], decoded.actual());
        definition().codebook().encode(codebook, vectors.expected(), codes[1], decoded.expected());
        assertThat(backend().download(codes[0])).isEqualTo(definition().download(codes[1]));
        assertClose("seed 1", decoded, 0);
        Twins again = gaussian(3, 37, width);
        backend().codebook().decode(codebook, codes[0], again.actual());
        assertClose("seed 1", new Twins(again.actual(), decoded.expected()), 0);
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Codebook codebook = Codebooks.of("e8p", 2);
        Twins vectors = gaussian(4, 3, 20);
        IntMatrix[] codes = twins(3, 2, new int[6]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().codebook().encode(codebook, vectors.actual(), codes[0], vectors.actual()))
                .withMessage("vectors: 3 x 20 (expected: 3 x 16)");
    }
}
