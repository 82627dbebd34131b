package dev.quipforge.cuda.ops;

import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Mcg;
import dev.quipforge.engine.trellis.MulOne;
import dev.quipforge.engine.trellis.OneMad;
import dev.quipforge.engine.trellis.Pair;
import dev.quipforge.engine.trellis.ThreeInst;
import dev.quipforge.engine.trellis.Trellis;
import org.jspecify.annotations.Nullable;

/**
 * A kernel of matvec_trellis.cu that computes a code from its states.
 *
 * @param prefix beginning of its name
 * @param multiplier what a state is multiplied with
 * @param increment what is added to that
 */
record TrellisKernel(String prefix, int multiplier, int increment) {

    private static final int STATE_BITS = 16;
    private static final int PAIRS = 512;

    /** The kernel of a trellis, or none. */
    static @Nullable TrellisKernel of(Trellis trellis) {
        if (trellis.stateBits() != STATE_BITS || trellis.bits() < 2 || trellis.bits() > 4) {
            return null;
        }
        return switch (trellis.code()) {
            case ThreeInst _ -> new TrellisKernel("halves", ThreeInst.MULTIPLIER, ThreeInst.INCREMENT);
            case Mcg _ -> new TrellisKernel("halves", Mcg.MULTIPLIER, 0);
            case OneMad _ -> new TrellisKernel("bytes", OneMad.MULTIPLIER, OneMad.INCREMENT);
            case MulOne _ -> new TrellisKernel("mul1", MulOne.MULTIPLIER, 0);
            case Pair _ -> new TrellisKernel("pair", Pair.MULTIPLIER, 0);
            case Hybrid hybrid -> hybrid.pairs().length == 2 * PAIRS ? new TrellisKernel("hyb", 0, 0) : null;
            default -> null;
        };
    }

    /** The name of the one for so many bits and up to {@code most} vectors. */
    String name(int bits, int most) {
        return prefix + "_" + bits + "_" + most;
    }
}
