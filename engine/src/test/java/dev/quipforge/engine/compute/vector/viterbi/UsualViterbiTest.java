package dev.quipforge.engine.compute.vector.viterbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The search for one trellis gives the same states as that for any of 2 bits. */
class UsualViterbiTest {

    @ParameterizedTest
    @CsvSource({"3inst, 256, 1", "1mad, 256, 0.1", "mcg, 101, 1", "lut, 9, 2.5"})
    void theStatesAreThoseOfTheGeneralSearch(String code, int length, double width) {
        Trellis trellis = Trellis.of(code, 16, 2);
        assumeTrue(UsualViterbi.supports(trellis), "this machine has not the lanes");
        LaneViterbi usual = TaggedViterbi.of(trellis, length);
        assertThat(usual).isInstanceOf(UsualViterbi.class);
        LaneViterbi general = new EightShortViterbi(trellis, length);
        SplittableRandom random = new SplittableRandom(7);
        float[] sequence = new float[length];
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < length; i++) {
                sequence[i] = (float) (width * trellis.rms() * random.nextGaussian());
            }
            TailBiting tailBiting = round % 2 == 0 ? TailBiting.SEAM : TailBiting.EXACT;
            int before = tailBiting.before(trellis, length);
            int after = tailBiting.after(trellis, length);
            int[] found = new int[length];
            int[] expected = new int[length];
            assertThat(usual.encode(sequence, before, after, found))
                    .isEqualTo(general.encode(sequence, before, after, expected));
            assertThat(found).isEqualTo(expected);
        }
    }
}
