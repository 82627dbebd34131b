package dev.quipforge.engine.codebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables and worked examples of the QuIP# reference. */
class EightPTest {

    @Test
    void allCodesDecodeAsInTheReference() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        float[] vector = new float[8];
        for (int code = 0; code < 1 << 16; code++) {
            EightP.CODEBOOK.decode(code, vector, 0);
            for (float value : vector) {
                digest.update((byte) (4 * value));
            }
        }
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("ea3883a85a627590ca74626320a2a691943386a8c89ac72cdb6388bfe7da5cc0");
    }

    @Test
    void theTableOfTheSecondStageIsThatOfTheReference() throws Exception {
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(EightOneTable.ROW)))
                .isEqualTo("37ce1a66345c1bbc51427c9e13e355558727bc02828e09f751b4d46fd7f816ec");
    }

    @ParameterizedTest
    @CsvSource({
        "-2.9 0.1 0.33 -0.2 1.7 0.9 -0.6 0.45,DFA8,75,2F93",
        "3.1 3.2 -2.8 1.4 0.7 -1.9 2.2 -0.9,E942,218,EB42",
        "-1.21 -1.37 0.48 0.02 -0.31 1.44 0.86 -0.59,C835,122,3F56",
        "-0.49 -0.6 -0.56 0.67 -0.2 1.94 -1.4 -0.76,0B9F,119,011A",
        "-0.58 0.77 0.06 -1.19 -0.57 -0.83 0.9 0.21,6064,181,89FA",
        "0.45 -0.61 0.24 0.47 -1.95 -0.56 0.43 -2.26,12D5,236,0106",
        "-0.2 1.07 0.32 -0.07 -1 1.16 -0.4 1.22,648C,107,DDB5",
        "-0.81 -0.88 -0.01 -1.77 -1.17 -0.26 0.27 0.08,20F4,49,473F"
    })
    void vectorsAreEncodedAsInTheReference(String text, String code, int short3, String residual4) {
        String[] numbers = Pattern.compile(" ").splitAsStream(text).toArray(String[]::new);
        float[] vector = new float[8];
        for (int i = 0; i < 8; i++) {
            vector[i] = Float.parseFloat(numbers[i]);
        }
        int first = Integer.parseInt(code, 16);
        assertThat(EightP.CODEBOOK.encode(vector, 0)).isEqualTo(first);
        assertThat(ResidualEightP.threeBits().encodeInTurn(vector, 0)).isEqualTo(first << 8 | short3);
        assertThat(ResidualEightP.fourBits().encodeInTurn(vector, 0))
                .isEqualTo(first << 16 | Integer.parseInt(residual4, 16));
    }

    @Test
    void theZeroVectorIsATieThatGoesDown() {
        assertThat(EightP.CODEBOOK.encode(new float[8], 0)).isEqualTo(0x00FF);
    }

    @Test
    void theNearestOfAllVectorsIsFound() {
        float[] all = new float[8 << 16];
        for (int code = 0; code < 1 << 16; code++) {
            EightP.CODEBOOK.decode(code, all, 8 * code);
        }
        SplittableRandom random = new SplittableRandom(11);
        float[] decoded = new float[8];
        for (int round = 0; round < 600; round++) {
            float[] vector = new float[8];
            double width = 0.4 + 0.1 * (round % 20);
            for (int i = 0; i < 8; i++) {
                double tail = round % 3 == 0 && i == round % 8 ? 4 : 1;
                vector[i] = (float) (width * tail * random.nextGaussian());
            }
            EightP.CODEBOOK.decode(EightP.CODEBOOK.encode(vector, 0), decoded, 0);
            assertThat(distance(vector, decoded, 0))
                    .as("seed 11, round %s", round)
                    .isLessThanOrEqualTo(nearest(vector, all) + 1e-6);
        }
    }

    @Test
    void aPairIsNeverWorseThanTheOneFoundInTurn() {
        SplittableRandom random = new SplittableRandom(13);
        float[] vector = new float[8];
        int better = 0;
        for (int round = 0; round < 2000; round++) {
            for (int i = 0; i < 8; i++) {
                vector[i] = (float) random.nextGaussian();
            }
            for (ResidualEightP codebook : List.of(ResidualEightP.threeBits(), ResidualEightP.fourBits())) {
                double pair = error(codebook, codebook.encode(vector, 0), vector);
                double inTurn = error(codebook, codebook.encodeInTurn(vector, 0), vector);
                assertThat(pair).as("seed 13, round %s", round).isLessThanOrEqualTo(inTurn + 1e-6);
                better += pair < inTurn - 1e-6 ? 1 : 0;
            }
        }
        assertThat(better).isGreaterThan(500);
    }

    private static double error(Codebook codebook, int code, float[] vector) {
        float[] decoded = new float[8];
        codebook.decode(code, decoded, 0);
        return distance(vector, decoded, 0);
    }

    @ParameterizedTest
    @CsvSource({"2,1.03,0.0915", "3,0.98,0.0294", "4,1.03,0.0087", "4,0.92,0.0078"})
    void gaussianWeightsAreEncodedAsWellAsTheReferenceSays(int bits, double scale, double expected) {
        Codebook codebook = Codebooks.of("e8p", bits);
        SplittableRandom random = new SplittableRandom(12);
        float[] vector = new float[8];
        float[] decoded = new float[8];
        double error = 0;
        int count = 20_000;
        for (int round = 0; round < count; round++) {
            for (int i = 0; i < 8; i++) {
                vector[i] = (float) (scale * random.nextGaussian());
            }
            codebook.decode(codebook.encode(vector, 0), decoded, 0);
            error += distance(vector, decoded, 0);
        }
        assertThat(error / (8.0 * count * scale * scale)).isCloseTo(expected, within(0.02 * expected));
    }

    private static double nearest(float[] vector, float[] all) {
        double least = Double.POSITIVE_INFINITY;
        for (int at = 0; at < all.length; at += 8) {
            least = Math.min(least, distance(vector, all, at));
        }
        return least;
    }

    private static double distance(float[] vector, float[] other, int at) {
        double distance = 0;
        for (int i = 0; i < 8; i++) {
            double difference = (double) vector[i] - other[at + i];
            distance += difference * difference;
        }
        return distance;
    }
}
