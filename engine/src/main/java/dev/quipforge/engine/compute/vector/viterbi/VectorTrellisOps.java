package dev.quipforge.engine.compute.vector.viterbi;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TrellisOps;
import dev.quipforge.engine.compute.host.HostTiles;
import dev.quipforge.engine.compute.host.HybridShapes;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** {@link TrellisOps} with one sequence a core; encoders and their scratch memory are kept from call to call. */
public final class VectorTrellisOps implements TrellisOps {

    private final Workers workers;
    private final Map<Shape, Queue<SequenceEncoder>> idle = new ConcurrentHashMap<>();

    /** @param workers stay the caller's to close */
    public VectorTrellisOps(Workers workers) {
        this.workers = workers;
    }

    private record Shape(Trellis trellis, int length) {}

    @Override
    public void encode(Trellis trellis, TailBiting tailBiting, Matrix sequences, IntMatrix states, Matrix decoded) {
        Shapes.require("states", states, sequences.rows(), trellis.steps(sequences.columns()));
        Shapes.requireSame("decoded", decoded, sequences);
        HostMatrix source = HostMatrix.require(sequences);
        HostIntMatrix path = HostIntMatrix.require(states);
        HostMatrix target = HostMatrix.require(decoded);
        Shape shape = new Shape(trellis, sequences.columns());
        Queue<SequenceEncoder> encoders = idle.computeIfAbsent(shape, _ -> new ConcurrentLinkedQueue<>());
        workers.each(source.rows(), i -> {
            SequenceEncoder kept = encoders.poll();
            SequenceEncoder encoder = kept == null ? new SequenceEncoder(trellis, sequences.columns()) : kept;
            int[] found = encoder.encode(source.row(i), tailBiting);
            MemorySegment.copy(found, 0, path.rows(i, i + 1).data(), JAVA_INT, 0, found.length);
            decodeRow(trellis, found, target.row(i));
            encoders.add(encoder);
        });
    }

    @Override
    public void decode(Trellis trellis, IntMatrix states, Matrix decoded) {
        Shapes.require("decoded", decoded, states.rows(), states.columns() * trellis.values());
        HostIntMatrix source = HostIntMatrix.require(states);
        HostMatrix target = HostMatrix.require(decoded);
        workers.rows(source.rows(), source.columns(), (first, end) -> {
            int[] path = new int[source.columns()];
            for (int i = first; i < end; i++) {
                MemorySegment.copy(source.rows(i, i + 1).data(), JAVA_INT, 0, path, 0, path.length);
                decodeRow(trellis, path, target.row(i));
            }
        });
    }

    @Override
    public short[] pack(Trellis trellis, IntMatrix states) {
        return HostTiles.pack(trellis, HostIntMatrix.require(states));
    }

    @Override
    public void decodeTiles(Trellis trellis, int[] positions, short[] words, Matrix decoded) {
        HostTiles tiles = new HostTiles(trellis, positions, words, HostMatrix.require(decoded));
        workers.each(tiles.tilesDown(), tiles::decodeTileRow);
    }

    @Override
    public void decodeTiles(Trellis trellis, IntMatrix words, Matrix table, Matrix decoded) {
        HybridShapes.require(trellis, words, table, decoded);
        new HybridTiles(trellis, HostIntMatrix.require(words), HostMatrix.require(table), HostMatrix.require(decoded))
                .decode(workers);
    }

    private static void decodeRow(Trellis trellis, int[] path, MemorySegment target) {
        float[] table = trellis.table();
        int values = trellis.values();
        for (int step = 0; step < path.length; step++) {
            for (int v = 0; v < values; v++) {
                target.setAtIndex(JAVA_FLOAT, (long) step * values + v, table[path[step] * values + v]);
            }
        }
    }
}
