package dev.quipforge.engine.trellis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The worked examples and checksums of the QTIP and EXL3 references. */
class TrellisCodesTest {

    @ParameterizedTest
    @CsvSource({
        "3inst,0,3a25", "3inst,1,bb5b", "3inst,2,3b74", "3inst,255,3cd1", "3inst,4660,c066", "3inst,32767,ba96",
        "3inst,32768,b7f8", "3inst,65535,b110", "3inst,48879,424b", "1mad,0,bd02", "1mad,1,bab6", "1mad,2,b6d2",
        "1mad,255,375c", "1mad,4660,3e10", "1mad,32767,3c69", "1mad,32768,3e10", "1mad,65535,369a", "mcg,0,3f60",
        "mcg,1,304e", "mcg,2,ba13", "mcg,4660,3e0f", "mcg,32768,b915", "mcg,48879,c293", "mcg,65535,3acd",
        "mul1,0,c2e8", "mul1,1,3921", "mul1,2,b72d", "mul1,4660,b89e", "mul1,32768,baf2", "mul1,48879,3124",
        "mul1,65535,b936"
    })
    void statesHaveTheValuesOfTheReferences(String code, int state, String half) {
        float value = Trellis.of(code, 16, 2).table()[state];
        assertThat(HexFormat.of().toHexDigits(Float.floatToFloat16(value))).isEqualTo(half);
    }

    @ParameterizedTest
    @CsvSource({"3inst,4c83d524", "1mad,5131bc19"})
    void tablesInHalfPrecisionAreThoseOfTheReference(String code, String crc) {
        CRC32 checksum = new CRC32();
        for (float value : Trellis.of(code, 16, 2).table()) {
            short half = Float.floatToFloat16(value);
            checksum.update(half);
            checksum.update(half >>> 8);
        }
        assertThat(HexFormat.of().toHexDigits((int) checksum.getValue())).isEqualTo(crc);
    }

    @Test
    void theTableOfOneMadIsThatOfTheReferenceInSinglePrecisionToo() {
        CRC32 checksum = new CRC32();
        for (float value : Trellis.of("1mad", 16, 2).table()) {
            int bits = Float.floatToIntBits(value);
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                checksum.update(bits >>> shift);
            }
        }
        assertThat(HexFormat.of().toHexDigits((int) checksum.getValue())).isEqualTo("1f8809e8");
    }

    @ParameterizedTest
    @CsvSource({
        "3inst,16,1.2437109", "3inst,12,1.23616", "3inst,14,1.24153", "1mad,16,1.0000883", "1mad,12,1.00411",
        "1mad,14,1.00014", "mcg,16,1.244112", "mul1,16,1.000312", "pair,16,1.0", "lut,16,1.0"
    })
    void rootMeanSquaresAreThoseOfTheReferences(String code, int stateBits, double rms) {
        double tolerance = code.equals("lut") || code.equals("pair") ? 5e-3 : 6e-6;
        assertThat(Trellis.of(code, stateBits, 2).rms()).isCloseTo(rms, within(tolerance));
    }

    @Test
    void aPairIsTwoSumsOfBytesOfOneProduct() {
        float[] table = Trellis.of("pair", 16, 2).table();
        int product = (int) (12345L * 0xF2A74DE5L);
        int first = (product & 0xFF) + ((product >>> 16) & 0xFF);
        int second = (product >>> 8 & 0xFF) + (product >>> 24);
        assertThat((double) table[2 * 12345]).isCloseTo((first - 255) / 104.51076, within(1e-6));
        assertThat((double) table[2 * 12345 + 1]).isCloseTo((second - 255) / 104.51076, within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({
        "7,-1.0,1.0", "8,-0.99609375,0.998046875", "100,-0.38671875,0.693359375", "255,-0.984375,0.0078125",
        "4660,0.69921875,0.150390625", "22222,0.5703125,0.21484375", "54321,-0.9140625,0.95703125", "65000,0.5,0.25"
    })
    void hybPicksPairsAsTheReference(int state, float first, float second) {
        float[] pairs = new float[1024];
        for (int i = 0; i < 512; i++) {
            pairs[2 * i] = i / 256f - 1;
            pairs[2 * i + 1] = (512 - i) / 512f;
        }
        float[] table = Hybrid.of(pairs).table(16);
        assertThat(table[2 * state]).isEqualTo(first);
        assertThat(table[2 * state + 1]).isEqualTo(second);
    }

    @Test
    void hybIndicesAndSignsAreThoseOfTheReference() {
        float[] pairs = new float[1024];
        for (int i = 0; i < 512; i++) {
            pairs[2 * i] = 1;
            pairs[2 * i + 1] = i;
        }
        float[] table = Hybrid.of(pairs).table(16);
        CRC32 checksum = new CRC32();
        for (int state = 0; state < 1 << 16; state++) {
            int word = (table[2 * state] < 0 ? 1 << 15 : 0) | (int) table[2 * state + 1];
            checksum.update(word);
            checksum.update(word >>> 8);
        }
        assertThat(HexFormat.of().toHexDigits((int) checksum.getValue())).isEqualTo("2e3bfbdf");
    }

    @Test
    void ourHybTableIsNormalized() {
        float[] pairs = Hybrid.standard().pairs();
        double energy = 0;
        for (float value : pairs) {
            energy += (double) value * value;
        }
        assertThat(pairs).hasSize(1024);
        assertThat(Math.sqrt(energy / pairs.length)).isCloseTo(0.9682458, within(1e-4));
    }

    /** Minutes of k-means. */
    @Test
    @Tag("slow")
    void ourHybTableIsWhatTheSeedMakes() {
        assertThat(HybridTable.make(512)).isEqualTo(Hybrid.standard().pairs());
    }

    @Test
    void givenTablesMustFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Hybrid.of(new float[1000]))
                .withMessage("hyb table: 1000 values (expected: 2 * 2^Q with Q at most 15)");
        LookupTable table = LookupTable.of(2, new float[512]);
        assertThat(new Trellis(table, 8, 2).table()).hasSize(512);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.table(9))
                .withMessage("lut: 512 values (expected: 1024 for 9 state bits)");
        assertThat(LookupTable.of(2, new float[512])).isEqualTo(table).isNotEqualTo(LookupTable.drawn());
    }
}
