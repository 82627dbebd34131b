package dev.quipforge.engine.trellis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TrellisTest {

    @Test
    void whatCannotBeIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trellis.of("3inst", 16, 9))
                .withMessage("bits: 9 (expected: 1 to 8)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trellis.of("3inst", 3, 4))
                .withMessage("state bits: 3 (expected: at least the 4 bits of a step, at most 20)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trellis.of("4inst", 16, 2))
                .withMessageStartingWith("code: 4inst (expected one of: [3inst");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trellis.of("3inst", 16, 2).steps(7))
                .withMessage("sequence: 7 weights (expected: a multiple of 1, and at least 16 bits)");
    }

    @Test
    void sizesFollowFromTheBits() {
        Trellis trellis = Trellis.of("3inst", 12, 3);
        assertThat(trellis.states()).isEqualTo(4096);
        assertThat(trellis.groups()).isEqualTo(512);
        assertThat(trellis.steps(256)).isEqualTo(256);
        assertThat(trellis.table())
                .hasSize(4096)
                .isSameAs(Trellis.of("3inst", 12, 2).table());
    }

    @Test
    void theWindowOfTheSeamNeverExceedsTheSequence() {
        Trellis trellis = Trellis.of("3inst", 16, 2);
        assertThat(TailBiting.SEAM.before(trellis, 256)).isEqualTo(80);
        assertThat(TailBiting.SEAM.after(trellis, 256)).isEqualTo(80);
        assertThat(TailBiting.SEAM.before(trellis, 65)).isEqualTo(32);
        assertThat(TailBiting.SEAM.after(trellis, 65)).isEqualTo(33);
        assertThat(TailBiting.EXACT.before(trellis, 255)).isEqualTo(127);
        assertThat(TailBiting.EXACT.after(trellis, 255)).isEqualTo(128);
    }
}
