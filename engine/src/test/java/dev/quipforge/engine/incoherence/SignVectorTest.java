package dev.quipforge.engine.incoherence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignVectorTest {

    @Test
    void theSameSeedAndNameGiveTheSameSigns() {
        assertThat(SignVector.draw(7, "a.SU", 1000)).isEqualTo(SignVector.draw(7, "a.SU", 1000));
        assertThat(SignVector.draw(7, "a.SU", 1000)).isNotEqualTo(SignVector.draw(8, "a.SU", 1000));
        assertThat(SignVector.draw(7, "a.SU", 1000)).isNotEqualTo(SignVector.draw(7, "a.SV", 1000));
        assertThat(SignVector.draw(7, "a.SU", 10)).startsWith(SignVector.draw(7, "a.SU", 5));
    }

    @Test
    void signsAreBalanced() {
        double sum = 0;
        for (float sign : SignVector.draw(1, "balance", 100_000)) {
            assertThat(Math.abs(sign)).isEqualTo(1f);
            sum += sign;
        }
        assertThat(Math.abs(sum)).isLessThan(5 * Math.sqrt(100_000));
    }
}
