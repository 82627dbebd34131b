package dev.quipforge.engine.packing;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The worked examples of docs/formats.md are what the code makes. */
class FormatsDocumentTest {

    private static final HexFormat HEX = HexFormat.of();

    @Test
    void grids() throws IOException {
        int[] codes = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 6};
        int[] words = GridPacking.pack(3, codes, codes.length);
        assertDocumented(
                "codes   " + text(codes),
                "words   " + Arrays.stream(words).mapToObj(HEX::toHexDigits).collect(joining(" ")),
                "values  "
                        + Arrays.stream(codes)
                                .mapToObj(code -> decoded("uniform", 3, code))
                                .collect(joining(" ")));
    }

    @Test
    void lattice() throws IOException {
        int[] codes = new int[16 * 8];
        codes[0] = 0x1597;
        codes[8] = 0xE300;
        codes[1] = 0x0001;
        codes[9] = 0x80FF;
        assertDocumented(
                "(0,0) 1597   " + decoded("e8p", 2, codes[0]),
                "(1,0) e300   " + decoded("e8p", 2, codes[8]),
                "(0,1) 0001   " + decoded("e8p", 2, codes[1]),
                "(1,1) 80ff   " + decoded("e8p", 2, codes[9]),
                "word  0      " + HEX.toHexDigits(EightPPacking.pack(codes, 16, 8)[0]));
    }

    @Test
    void residuals() throws IOException {
        float[] vector = {-2.9f, 0.1f, 0.33f, -0.2f, 1.7f, 0.9f, -0.6f, 0.45f};
        int three = Codebooks.of("e8p", 3).encode(vector, 0);
        int four = Codebooks.of("e8p", 4).encode(vector, 0);
        int[] codes = new int[16 * 8];
        codes[8] = three;
        codes[9] = three;
        long[] words = ResidualPacking.pack(3, codes, 16, 8);
        assertDocumented(
                "x             " + text(vector),
                "3 bits        " + HEX.toHexDigits(three, 6) + "   " + decoded("e8p", 3, three),
                "4 bits        " + HEX.toHexDigits(four) + " " + decoded("e8p", 4, four),
                "row 1 of 3 bits, with this code in columns 0 and 1",
                "first stage   " + HEX.toHexDigits(words[0]) + " " + HEX.toHexDigits(words[1])
                        + " (words 0, 1 of the tile)",
                "second stage  " + HEX.toHexDigits(words[5]));
    }

    @Test
    void tiles() throws IOException {
        Trellis trellis = Trellis.of("3inst", 8, 2);
        short[] words = {(short) 0xb4e1, (short) 0xc72d};
        int[] states = new int[16];
        TrellisPacking.unpack(trellis, words, 0, states);
        assertDocumented(
                "words   b4e1 c72d",
                "states  "
                        + Arrays.stream(states)
                                .mapToObj(state -> HEX.toHexDigits((byte) state))
                                .collect(joining(" ")));
    }

    @Test
    void kernelTiles() throws IOException {
        Trellis trellis = new Trellis(Hybrid.standard(), 16, 2);
        PackedTiles tiles = new PackedTiles(trellis, 32, 32, TileOrder.FIRST_OPERAND);
        for (int i = 0; i < tiles.words().length; i++) {
            tiles.words()[i] = (short) ((2 * i) << 8 | (2 * i + 1));
        }
        byte[] bytes = bytes(KernelPacking.pack(tiles));
        assertDocumented(
                "tile (0,0)  " + HEX.formatHex(bytesOfStream(tiles, 0)) + " …",
                "tile (0,1)  " + HEX.formatHex(bytesOfStream(tiles, 1)) + " …",
                "tile (1,0)  " + HEX.formatHex(bytesOfStream(tiles, 2)) + " …",
                "tile (1,1)  " + HEX.formatHex(bytesOfStream(tiles, 3)) + " …",
                "stored      " + HEX.formatHex(Arrays.copyOf(bytes, 16)) + " …");
    }

    @Test
    void exl3Tiles() throws IOException {
        Trellis trellis = Trellis.of("mul1", 16, 3);
        PackedTiles tiles = new PackedTiles(trellis, 16, 16, TileOrder.SECOND_OPERAND);
        int[] symbols = new int[256];
        int x = 1;
        for (int p = 0; p < 256; p++) {
            x = x * 1664525 + 1013904223;
            symbols[p] = x >>> 29;
        }
        int[] states = new int[256];
        for (int p = 0; p < 256; p++) {
            for (int back = 5; back >= 0; back--) {
                states[p] = (states[p] << 3 | symbols[(p - back + 256) % 256]) & 0xFFFF;
            }
        }
        tiles.setColumn(0, states);
        assertDocumented(
                "symbols  " + text(Arrays.copyOf(symbols, 16)) + " …",
                "states   "
                        + IntStream.of(0, 1, 2)
                                .mapToObj(p -> HEX.toHexDigits((short) states[p]))
                                .collect(joining(" ")) + " …",
                "values   "
                        + IntStream.of(0, 1, 2)
                                .mapToObj(p -> text(trellis.table()[states[p]]))
                                .collect(joining(" ")) + " …",
                "bytes    " + HEX.formatHex(Arrays.copyOf(bytes(Exl3Packing.pack(tiles)), 16)) + " …");
    }

    @Test
    void values() throws IOException {
        for (String code : new String[] {"3inst", "1mad", "mcg", "mul1", "pair"}) {
            Trellis trellis = Trellis.of(code, 16, 2);
            assertDocumented("| `" + code + "` | "
                    + IntStream.of(0, 1, 4660, 65535)
                            .mapToObj(state -> values(trellis, state))
                            .collect(joining(" | "))
                    + " |");
        }
    }

    private static String values(Trellis trellis, int state) {
        return IntStream.range(0, trellis.values())
                .mapToObj(v -> String.format(Locale.ROOT, "%.6f", trellis.table()[state * trellis.values() + v]))
                .collect(joining(", "));
    }

    private static String decoded(String name, int bits, int code) {
        Codebook codebook = Codebooks.of(name, bits);
        float[] vector = new float[codebook.dimension()];
        codebook.decode(code, vector, 0);
        return text(vector);
    }

    private static byte[] bytesOfStream(PackedTiles tiles, int tile) {
        byte[] stream = new byte[4];
        for (int i = 0; i < stream.length; i++) {
            stream[i] = (byte) (tiles.words()[tile * tiles.wordsPerTile() + i / 2] >>> (i % 2 == 0 ? 8 : 0));
        }
        return stream;
    }

    private static byte[] bytes(short[] words) {
        byte[] bytes = new byte[2 * words.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (words[i / 2] >>> (i % 2 * 8));
        }
        return bytes;
    }

    private static String text(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(String::valueOf).collect(joining(" "));
    }

    private static String text(float... numbers) {
        StringBuilder text = new StringBuilder();
        for (float number : numbers) {
            text.append(text.isEmpty() ? "" : " ").append(number);
        }
        return text.toString();
    }

    private static void assertDocumented(String... lines) throws IOException {
        assertThat(Files.readString(Path.of("..", "docs", "formats.md"))).contains(String.join("\n", lines));
    }
}
