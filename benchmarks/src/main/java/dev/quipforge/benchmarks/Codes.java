package dev.quipforge.benchmarks;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.engine.trellis.TrellisCodes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which codes are measured.
 *
 * @param names codes by name; none means all
 * @param bits bits per weight; none means 2, 3 and 4
 * @param stateBits L of the trellis codes; 0 means 16
 */
public record Codes(List<String> names, List<Integer> bits, int stateBits) {

    /** What the papers use. */
    static final int USUAL_STATE_BITS = 16;

    private static final List<Integer> USUAL_BITS = List.of(2, 3, 4);

    public Codes {
        for (String name : names) {
            if (!known().contains(name)) {
                throw new IllegalArgumentException("code: " + name + " (expected one of: " + known() + ")");
            }
        }
    }

    /** All codes of the engine: those of the trellis, then grids and lattices. */
    public static List<String> known() {
        Stream<String> codebooks = Codebooks.all().stream().map(Codebook::name).distinct();
        return Stream.concat(TrellisCodes.names().stream(), codebooks).toList();
    }

    /** Whether nothing was chosen. */
    boolean unchosen() {
        return names.isEmpty() && bits.isEmpty() && stateBits == 0;
    }

    /** Every chosen code at every chosen number of bits. */
    List<Quantizer> quantizers() {
        List<Quantizer> quantizers = new ArrayList<>();
        for (String name : names.isEmpty() ? known() : names) {
            for (int width : bits.isEmpty() ? USUAL_BITS : bits) {
                quantizers.add(quantizer(name, stateBits == 0 ? USUAL_STATE_BITS : stateBits, width));
            }
        }
        return quantizers;
    }

    /** The code called {@code name}; L matters to trellis codes only. */
    static Quantizer quantizer(String name, int stateBits, int bits) {
        return TrellisCodes.names().contains(name)
                ? new Quantizer.OfTrellis(Trellis.of(name, stateBits, bits))
                : new Quantizer.OfCodebook(Codebooks.of(name, bits));
    }
}
