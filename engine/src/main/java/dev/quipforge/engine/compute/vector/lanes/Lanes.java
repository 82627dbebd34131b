package dev.quipforge.engine.compute.vector.lanes;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Loads and stores of the widest float vectors of this machine; indices count floats. */
public final class Lanes {

    /** The widest float vectors of this machine. */
    public static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private Lanes() {}

    /** The floats from {@code index} on. */
    public static FloatVector load(MemorySegment segment, long index) {
        return FloatVector.fromMemorySegment(FLOATS, segment, index * Float.BYTES, ORDER);
    }

    /** Writes all lanes from {@code index} on. */
    public static void store(FloatVector vector, MemorySegment segment, long index) {
        vector.intoMemorySegment(segment, index * Float.BYTES, ORDER);
    }

    /** The lanes from {@code index} on that are below {@code length}: all of them but at the end. */
    public static VectorMask<Float> rest(int index, int length) {
        return FLOATS.indexInRange(index, length);
    }

    /** The floats from {@code index} on where {@code mask} is set, zeros elsewhere; what is not set is not read. */
    public static FloatVector load(MemorySegment segment, long index, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(FLOATS, segment, index * Float.BYTES, ORDER, mask);
    }

    /** Writes the lanes where {@code mask} is set from {@code index} on. */
    public static void store(FloatVector vector, MemorySegment segment, long index, VectorMask<Float> mask) {
        vector.intoMemorySegment(segment, index * Float.BYTES, ORDER, mask);
    }

    /**
     * The sum of all lanes, first to last. {@code reduceLanes(ADD)} leaves the order open, and takes another one once it is
     * compiled: its bits would change from run to run.
     */
    public static float sum(FloatVector vector) {
        float sum = 0;
        for (float lane : vector.toArray()) {
            sum += lane;
        }
        return sum;
    }

    /** The sum of all lanes, first to last. */
    public static double sum(DoubleVector vector) {
        double sum = 0;
        for (double lane : vector.toArray()) {
            sum += lane;
        }
        return sum;
    }
}
