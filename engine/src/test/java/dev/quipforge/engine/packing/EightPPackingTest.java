package dev.quipforge.engine.packing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The worked examples of the QuIP# reference, and round trips. */
class EightPPackingTest {

    @Test
    void fourCodesShareAWord() {
        int[] codes = new int[16 * 8];
        codes[0] = 0x1597;
        codes[8] = 0xE300;
        codes[1] = 0x0001;
        codes[9] = 0x80FF;
        assertThat(EightPPacking.pack(codes, 16, 8)[0]).isEqualTo(0x9889899D8000E315L);
    }

    @Test
    void theTensorOfTheReferenceComesOut() throws Exception {
        int[] codes = new int[32 * 16];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (40503 * i + 12345) & 0xFFFF;
        }
        long[] words = EightPPacking.pack(codes, 32, 16);
        assertThat(Arrays.copyOf(words, 4))
                .containsExactly(0xACF53003B1CE1330L, 0x5C16CFF3EE0A506CL, 0xA489CF032A478CA9L, 0x72E6C0F36783C8E5L);
        ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(words);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array())))
                .isEqualTo("07f90c6a4ecb21d0bf0cc17a21785edf0b2cd5ffa8b2a190bfca4d43f5ec20dc");
        assertThat(EightPPacking.unpack(words, 32, 16)).isEqualTo(codes);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void codesOfTwoStagesAreUnpacked(int bits) {
        int[] codes = new SplittableRandom(1)
                .ints(48 * 24)
                .map(code -> code >>> (bits == 4 ? 0 : 8))
                .toArray();
        long[] words = ResidualPacking.pack(bits, codes, 48, 24);
        assertThat(words).hasSize(48 * ResidualPacking.wordsPerRow(bits, 24));
        assertThat(ResidualPacking.wordsPerRow(bits, 24)).isEqualTo(bits * 3);
        assertThat(ResidualPacking.unpack(bits, words, 48, 24)).isEqualTo(codes);
    }

    @Test
    void theSecondStageOfThreeBitsLiesInPlainBytes() {
        int[] codes = new int[16 * 8];
        codes[8] = 0x1234_01;
        codes[9] = 0x1234_02;
        long[] words = ResidualPacking.pack(3, codes, 16, 8);
        assertThat(words[3 + 2]).isEqualTo(0x0201);
    }

    @ParameterizedTest
    @CsvSource({"2,33", "3,100", "4,7", "3,32"})
    void gridCodesAreUnpacked(int bits, int columns) {
        int[] codes = new SplittableRandom(2).ints(5L * columns, 0, 1 << bits).toArray();
        int[] words = GridPacking.pack(bits, codes, columns);
        assertThat(words).hasSize(5 * GridPacking.wordsPerRow(bits, columns));
        assertThat(GridPacking.unpack(bits, words, columns)).isEqualTo(codes);
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EightPPacking.pack(new int[80], 8, 10))
                .withMessage("E8P codes: 8 x 10 in 80 (expected: multiples of 16 and 8, all there)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResidualPacking.wordsPerRow(2, 8))
                .withMessage("bits: 2 (expected: 3 or 4)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResidualPacking.unpack(4, new long[7], 16, 8))
                .withMessage("packed words: 7 (expected: 64)");
    }
}
