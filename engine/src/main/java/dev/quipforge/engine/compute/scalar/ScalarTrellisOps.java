package dev.quipforge.engine.compute.scalar;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TrellisOps;
import dev.quipforge.engine.compute.host.HostTiles;
import dev.quipforge.engine.compute.host.HybridShapes;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.packing.TrellisPacking;
import dev.quipforge.engine.packing.WordPairs;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.engine.trellis.Viterbi;
import java.util.Arrays;

/** The definition of {@link TrellisOps}. */
final class ScalarTrellisOps implements TrellisOps {

    /** Rows and columns of a tile. */
    static final int SIDE = PackedTiles.SIDE;

    @Override
    public void encode(Trellis trellis, TailBiting tailBiting, Matrix sequences, IntMatrix states, Matrix decoded) {
        Shapes.require("states", states, sequences.rows(), trellis.steps(sequences.columns()));
        Shapes.requireSame("decoded", decoded, sequences);
        HostMatrix source = HostMatrix.require(sequences);
        HostIntMatrix target = HostIntMatrix.require(states);
        Viterbi viterbi = new Viterbi(trellis, sequences.columns());
        float[] sequence = new float[sequences.columns()];
        for (int i = 0; i < source.rows(); i++) {
            for (int j = 0; j < sequence.length; j++) {
                sequence[j] = source.get(i, j);
            }
            int[] path = viterbi.encode(sequence, tailBiting);
            for (int j = 0; j < path.length; j++) {
                target.set(i, j, path[j]);
            }
        }
        decode(trellis, states, decoded);
    }

    @Override
    public void decode(Trellis trellis, IntMatrix states, Matrix decoded) {
        Shapes.require("decoded", decoded, states.rows(), states.columns() * trellis.values());
        HostIntMatrix source = HostIntMatrix.require(states);
        HostMatrix target = HostMatrix.require(decoded);
        float[] table = trellis.table();
        for (int i = 0; i < source.rows(); i++) {
            for (int j = 0; j < target.columns(); j++) {
                int state = source.get(i, j / trellis.values());
                target.set(i, j, table[state * trellis.values() + j % trellis.values()]);
            }
        }
    }

    @Override
    public short[] pack(Trellis trellis, IntMatrix states) {
        return HostTiles.pack(trellis, HostIntMatrix.require(states));
    }

    @Override
    public void decodeTiles(Trellis trellis, int[] positions, short[] words, Matrix decoded) {
        HostTiles tiles = new HostTiles(trellis, positions, words, HostMatrix.require(decoded));
        for (int i = 0; i < tiles.tilesDown(); i++) {
            tiles.decodeTileRow(i);
        }
    }

    @Override
    public void decodeTiles(Trellis trellis, IntMatrix words, Matrix table, Matrix decoded) {
        HybridShapes.require(trellis, words, table, decoded);
        HostMatrix pairs = HostMatrix.require(table);
        HostMatrix target = HostMatrix.require(decoded);
        int[][] states = states(trellis, words);
        for (int i = 0; i < target.rows(); i++) {
            for (int j = 0; j < target.columns(); j++) {
                int state = states[i / SIDE * (target.columns() / SIDE) + j / SIDE][(i % SIDE * SIDE + j % SIDE) / 2];
                float value = pairs.get(Hybrid.row(state, pairs.rows()), j % 2);
                target.set(i, j, j % 2 == 0 && Hybrid.isNegative(state) ? -value : value);
            }
        }
    }

    /** The states of every tile of a matrix of HYB, one for every two weights, row by row. */
    static int[][] states(Trellis trellis, IntMatrix words) {
        int[] joined = HostIntMatrix.require(words).data().toArray(JAVA_INT);
        short[] plain = WordPairs.words(Arrays.copyOf(joined, words.rows() * words.columns()));
        int[][] states = new int[words.rows()][trellis.steps(SIDE * SIDE)];
        for (int tile = 0; tile < states.length; tile++) {
            TrellisPacking.unpack(trellis, plain, 2 * tile * words.columns(), states[tile]);
        }
        return states;
    }
}
