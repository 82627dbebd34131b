package dev.quipforge.benchmarks;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.PackedOps;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A code at some number of bits per weight. */
sealed interface Quantizer {

    /** Its name in recipes. */
    String name();

    /** Bits per weight. */
    int bits();

    /** L; none for codes without states. */
    Optional<Integer> stateBits();

    /** A root mean square of weights, in units of the code, near which it is at its best. */
    double usualScale();

    /** A matrix of random codes, packed as {@code packed} multiplies it. */
    PackedMatrix load(PackedOps packed, int rows, int columns);

    /** Opens it for sequences of that shape. */
    Encoder open(ComputeBackend backend, Workspace workspace, int sequences, int length);

    /** Rounds sequences of one shape. */
    interface Encoder {

        /**
         * The values that the code has for {@code sequences}.
         *
         * @param sequences [sequences × length], in units of the code
         * @param decoded receives the values, same shape
         */
        void encode(Matrix sequences, Matrix decoded);
    }

    /**
     * A trellis code, with tail-biting as the product does it by default.
     *
     * @param trellis the code with L and K
     */
    record OfTrellis(Trellis trellis) implements Quantizer {

        /** Feedback widens what is encoded a little; without it the best is about here. */
        private static final double USUAL = 0.96;

        @Override
        public String name() {
            return trellis.code().name();
        }

        @Override
        public int bits() {
            return trellis.bits();
        }

        @Override
        public Optional<Integer> stateBits() {
            return Optional.of(trellis.stateBits());
        }

        @Override
        public double usualScale() {
            return USUAL * trellis.rms();
        }

        @Override
        public PackedMatrix load(PackedOps packed, int rows, int columns) {
            short[] words = new PackedTiles(trellis, rows, columns).words();
            RandomGenerator random = Bench.random("packed");
            for (int i = 0; i < words.length; i++) {
                words[i] = (short) random.nextInt();
            }
            return packed.load(trellis, rows, columns, words);
        }

        @Override
        public Encoder open(ComputeBackend backend, Workspace workspace, int sequences, int length) {
            IntMatrix states = workspace.integers(sequences, trellis.steps(length));
            return (source, decoded) ->
                    backend.trellis().encode(trellis, TailBiting.SEAM, source, states.rows(0, source.rows()), decoded);
        }
    }

    /**
     * A grid or a lattice.
     *
     * @param codebook the vectors
     */
    record OfCodebook(Codebook codebook) implements Quantizer {

        @Override
        public String name() {
            return codebook.name();
        }

        @Override
        public int bits() {
            return codebook.bits();
        }

        @Override
        public Optional<Integer> stateBits() {
            return Optional.empty();
        }

        @Override
        public double usualScale() {
            return codebook.scale();
        }

        @Override
        public PackedMatrix load(PackedOps packed, int rows, int columns) {
            int unused = Integer.SIZE - codebook.bits() * codebook.dimension();
            RandomGenerator random = Bench.random("packed");
            int[] codes = new int[rows * columns / codebook.dimension()];
            Arrays.setAll(codes, _ -> random.nextInt() >>> unused);
            return packed.load(codebook, rows, columns, codes);
        }

        @Override
        public Encoder open(ComputeBackend backend, Workspace workspace, int sequences, int length) {
            IntMatrix codes = workspace.integers(sequences, length / codebook.dimension());
            return (source, decoded) ->
                    backend.codebook().encode(codebook, source, codes.rows(0, source.rows()), decoded);
        }
    }
}
