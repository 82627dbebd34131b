package dev.quipforge.llm.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {

    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsRead() {
        Path file = directory.resolve("x.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of("format", "pt"),
                List.of(
                        Tensors.ofHalves("half", List.of(3L), new float[] {1, -0.5f, 65504}),
                        Tensors.ofFloats("float", List.of(2L, 2L), new float[] {1, 2, 3, 4}),
                        Tensors.ofShorts("short", List.of(1L), new short[] {-2}),
                        Tensors.ofIntegers("int", List.of(2L), new int[] {7, -7})));
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.names()).containsExactly("float", "half", "int", "short");
            assertThat(read.metadata()).containsEntry("format", "pt");
            assertThat(read.tensor("half").floats()).containsExactly(1, -0.5f, 65504);
            assertThat(read.tensor("float").floats()).containsExactly(1, 2, 3, 4);
            assertThat(read.tensor("float").shape()).containsExactly(2L, 2L);
            assertThat(read.tensor("short").shorts()).containsExactly((short) -2);
            assertThat(read.tensor("int").integers()).containsExactly(7, -7);
        }
    }

    @Test
    void theOrderOfTheTensorsDoesNotChangeTheBytes() throws IOException {
        Tensor a = Tensors.ofFloats("a", List.of(1L), new float[] {1});
        Tensor b = Tensors.ofShorts("b", List.of(1L), new short[] {2});
        SafetensorsWriter.write(directory.resolve("1"), Map.of(), List.of(a, b));
        SafetensorsWriter.write(directory.resolve("2"), Map.of(), List.of(b, a));
        assertThat(directory.resolve("1")).hasSameBinaryContentAs(directory.resolve("2"));
    }

    @Test
    void anEmptyFileIsRefused() {
        assertRefused(new byte[0], "bad.safetensors: 0 bytes (expected: a header of at least 8)");
    }

    @Test
    void aHeaderThatLiesAboutItsSizeIsRefused() {
        byte[] bytes = ByteBuffer.allocate(20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(1L << 40)
                .array();
        assertRefused(bytes, "bad.safetensors: header of 1099511627776 bytes (expected: 2 to 12)");
    }

    @Test
    void aNegativeHeaderSizeIsRefused() {
        byte[] bytes = ByteBuffer.allocate(20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(-1)
                .array();
        assertRefused(bytes, "bad.safetensors: header of 18446744073709551615 bytes (expected: 2 to 12)");
    }

    @Test
    void aHeaderThatIsNotJsonIsRefused() {
        assertRefused(file("{\"a\":", 0), "bad.safetensors: not valid JSON");
    }

    @Test
    void aNameThatAppearsTwiceIsRefused() {
        String entry = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        assertRefused(file("{" + entry + "," + entry + "}", 4), "bad.safetensors: not valid JSON: Duplicate");
    }

    @Test
    void overlappingTensorsAreRefused() {
        assertRefused(
                file(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                        12),
                "bad.safetensors: b: begins at byte 4 inside another tensor (expected: 8)");
    }

    @Test
    void offsetsOutsideTheFileAreRefused() {
        assertRefused(
                file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4),
                "bad.safetensors: a: data_offsets: [0,8] (expected: [begin, end] within the 4 bytes of data)");
    }

    @Test
    void gapsAreRefused() {
        assertRefused(
                file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8),
                "bad.safetensors: a: begins at byte 4 after a gap (expected: 0)");
    }

    @Test
    void bytesThatNobodyOwnsAreRefused() {
        assertRefused(
                file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8),
                "bad.safetensors: tensors end at byte 4 of the data (expected: 8)");
    }

    @Test
    void aSizeThatDoesNotFitTheShapeIsRefused() {
        assertRefused(
                file("{\"a\":{\"dtype\":\"BF16\",\"shape\":[3,2],\"data_offsets\":[0,8]}}", 8),
                "bad.safetensors: a: 8 bytes (expected: 3 x 2 elements of 2 bytes)");
    }

    @Test
    void aShapeThatOverflowsIsRefused() {
        assertRefused(
                file("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0),
                "bad.safetensors: a: shape: [4294967296,4294967296] (expected: less than 2^63 bytes)");
    }

    @Test
    void anUnknownTypeIsRefused() {
        assertRefused(
                file("{\"a\":{\"dtype\":\"F8_E8M0\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1),
                "bad.safetensors: a: dtype: \"F8_E8M0\" (expected: one of [BOOL, U8,");
    }

    @Test
    void aMissingFieldIsNamed() {
        assertRefused(file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4), "bad.safetensors: a: data_offsets");
    }

    @Test
    void noDamageDoesMoreThanARefusal() throws IOException {
        Path file = directory.resolve("x.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of("format", "pt"),
                List.of(
                        Tensors.ofHalves("half", List.of(3L), new float[] {1, -0.5f, 65504}),
                        Tensors.ofFloats("float", List.of(2L, 2L), new float[] {1, 2, 3, 4})));
        byte[] good = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(4);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int i = random.nextInt(1, 4); i > 0 && bad.length > 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try (SafetensorsFile opened = SafetensorsFile.open(Files.write(file, bad))) {
                opened.names().forEach(name -> opened.tensor(name).requireFinite());
            } catch (InvalidModelException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    private void assertRefused(byte[] content, String message) {
        Path file = directory.resolve("bad.safetensors");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(
                        () -> SafetensorsFile.open(Files.write(file, content)).close())
                .withMessageStartingWith(message);
    }

    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }
}
