package dev.quipforge.engine.trellis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The worked examples and checksums of the QTIP reference. */
class ThreeInstTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0.76806640625, 3a25",
        "1, -0.91943359375, bb5b",
        "2, 0.931640625, 3b74",
        "255, 1.2041015625, 3cd1",
        "4660, -2.19921875, c066",
        "32767, -0.8232421875, ba96",
        "32768, -0.498046875, b7f8",
        "65535, -0.158203125, b110"
    })
    void statesHaveTheValuesOfTheReference(int state, float value, String half) {
        assertThat(ThreeInst.value(state)).isEqualTo(value);
        assertThat(HexFormat.of().toHexDigits(Float.floatToFloat16(value))).isEqualTo(half);
    }

    @Test
    void theTableIsThatOfTheReference() {
        Trellis trellis = Trellis.of("3inst", 16, 2);
        CRC32 checksum = new CRC32();
        for (float value : trellis.table()) {
            short half = Float.floatToFloat16(value);
            assertThat(Float.float16ToFloat(half)).isEqualTo(value);
            checksum.update(half);
            checksum.update(half >>> 8);
        }
        assertThat(HexFormat.of().toHexDigits((int) checksum.getValue())).isEqualTo("4c83d524");
        assertThat(trellis.rms()).isCloseTo(1.2437109, within(1e-7));
        assertThat(Trellis.of("3inst", 12, 2).rms()).isCloseTo(1.23616, within(1e-5));
        assertThat(Trellis.of("3inst", 14, 2).rms()).isCloseTo(1.24153, within(1e-5));
    }
}
