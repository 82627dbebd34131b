package dev.quipforge.llm.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class EightBitFloatsTest {

    @Test
    void everyCodeWithFourBitsOfExponentHasItsValue() {
        float[] values = tensor(DataType.F8_E4M3, allCodes()).floats();
        for (int code = 0; code < 256; code++) {
            assertThat(values[code]).as("code %d", code).isEqualTo(Float.valueOf(fourAndThree(code)));
        }
    }

    /** The bits in the place that half precision has for them, whose exponents are biased by 8 more. */
    private static float fourAndThree(int code) {
        int half = (code & 0x80) << 8 | (code & 0x7F) << 7;
        return (code & 0x7F) == 0x7F ? Float.NaN : Float.float16ToFloat((short) half) * 256;
    }

    @Test
    void everyCodeWithFiveBitsOfExponentHasItsValue() {
        float[] values = tensor(DataType.F8_E5M2, allCodes()).floats();
        for (int code = 0; code < 256; code++) {
            assertThat(values[code]).as("code %d", code).isEqualTo(Float.valueOf(fiveAndTwo(code)));
        }
    }

    private static float fiveAndTwo(int code) {
        float sign = code < 128 ? 1 : -1;
        int exponent = code % 128 / 4;
        int quarters = code % 4;
        if (exponent == 31) {
            return quarters == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
        }
        double magnitude = exponent == 0 ? quarters / 4.0 * 0x1p-14 : (1 + quarters / 4.0) * Math.pow(2, exponent - 15);
        return (float) (sign * magnitude);
    }

    @Test
    void theLargestNumbersAreThoseOfTheFormats() {
        assertThat(tensor(DataType.F8_E4M3, 0x7E, 0xFE, 0x01).floats()).containsExactly(448, -448, 0x1p-9f);
        assertThat(tensor(DataType.F8_E5M2, 0x7B, 0xFB, 0x01).floats()).containsExactly(57344, -57344, 0x1p-16f);
    }

    @Test
    void whatIsNoNumberIsFound() {
        tensor(DataType.F8_E4M3, 0x7E, 0xFE).requireFinite();
        assertRefused(tensor(DataType.F8_E4M3, 0, 0x7F), "t: NaN at element 1 (expected: finite numbers)");
        assertRefused(tensor(DataType.F8_E4M3, 0xFF), "t: NaN at element 0 (expected: finite numbers)");
        assertRefused(tensor(DataType.F8_E5M2, 0, 0, 0xFC), "t: -Infinity at element 2 (expected: finite numbers)");
    }

    @Test
    void whatIsTunedOfSuchATensorIsWrittenWithMoreBits() {
        Tensor tuned = Tensors.ofFloats("t", List.of(1L), new float[] {1.01f});
        assertThat(Tensors.converted(tuned, DataType.F8_E4M3).type()).isEqualTo(DataType.BF16);
    }

    private static void assertRefused(Tensor tensor, String message) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(tensor::requireFinite)
                .withMessage(message);
    }

    private static int[] allCodes() {
        int[] codes = new int[256];
        for (int code = 0; code < 256; code++) {
            codes[code] = code;
        }
        return codes;
    }

    private static Tensor tensor(DataType type, int... codes) {
        byte[] bytes = new byte[codes.length];
        for (int i = 0; i < codes.length; i++) {
            bytes[i] = (byte) codes[i];
        }
        return new Tensor("t", type, List.of((long) bytes.length), MemorySegment.ofArray(bytes));
    }
}
