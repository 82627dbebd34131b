package dev.quipforge.engine.hadamard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checksums are those of the QTIP and QuIP# references. */
class SmallHadamardTest {

    @ParameterizedTest
    @CsvSource({
        "12,8618799e,969dbb40d02b6325ae7cd3ba721153e270282b9cb4ec71ad50be5434d64fa462",
        "20,56eb54fd,bd3febfd6d637142de8eb0a95b38d2d937b8d638bbcb583e58d7a5120db05901",
        "28,b24eed0d,8b24c14f53d2d823bdb26f91298574eaa3c7a7be1f8dc958ce3023171f095eb5",
        "36,5474afe3,31180207ac6916ae73fb94e9d1b59c2151dd3e68226b87d609c13466e1fc405d",
        "52,c2379c36,b09945ddadc1d9ccf7a871bc350808ed6551e2de13523a15099457b432c89512",
        "60,e6ddea02,eb568e43184ab1933e335a769ed01c130ef99eac3a08f420e256e508758a873c",
        "108,8d484371,bcc8faf141eba6d59f26a0159b27c80f3d8e0f0bf87816f93d90977135fbde2a",
        "116,181f7cdf,c819980c357390b3d0705baaaa36850e1e5c2016c2fbc637743ebde77775d2d9",
        "124,a4841c78,a01de87a07fca48130dd3cb99c105ab0521fbe621eeb4920e4e4b2be1c8bd206",
        "140,a7addc59,4d87e06ea4df3e910ca688d47cca8d799fc4bb196ac021ee6e15b22a06baefe1",
        "156,0a0deb8f,4d2f4179cd753e6438a96c6d1c51bae8b9abca7f02ab662a7ab8b66a6e4b5543",
        "172,ed8c3e26,f235a78cccb5a6ce1acc4208275dda1ef0040e05788b05c97a43feaa3555e862"
    })
    void everyOrderIsThatOfTheReferences(int order, String crc, String sha256) throws Exception {
        SmallHadamard matrix = SmallHadamard.of(order);
        byte[] bits = new byte[order * order];
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                bits[i * order + j] = (byte) (matrix.sign(i, j) > 0 ? 1 : 0);
                text.append(matrix.sign(i, j) > 0 ? '+' : '-');
            }
            text.append('\n');
        }
        CRC32 checksum = new CRC32();
        checksum.update(bits);
        assertThat(HexFormat.of().toHexDigits((int) checksum.getValue())).isEqualTo(crc);
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.US_ASCII));
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(sha256);
    }

    @Test
    void anOrderThatIsNotInTheTableIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SmallHadamard.of(44))
                .withMessageStartingWith("Hadamard order: 44 (expected one of: [172,");
    }
}
