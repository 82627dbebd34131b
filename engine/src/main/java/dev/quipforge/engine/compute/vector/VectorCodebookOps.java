package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.host.HostCodes;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;

/** {@link CodebookOps} on all cores, a few rows at a time. */
final class VectorCodebookOps implements CodebookOps {

    /** What one vector is worth in elements when work is cut into pieces: its search takes that much longer. */
    private static final int EFFORT = 64;

    private final Workers workers;

    VectorCodebookOps(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void encode(Codebook codebook, Matrix vectors, IntMatrix codes, Matrix decoded) {
        Shapes.require("vectors", vectors, codes.rows(), codes.columns() * codebook.dimension());
        Shapes.requireSame("decoded", decoded, vectors);
        HostMatrix source = HostMatrix.require(vectors);
        HostIntMatrix target = HostIntMatrix.require(codes);
        HostMatrix result = HostMatrix.require(decoded);
        int dimension = codebook.dimension();
        workers.rows(codes.rows(), codes.columns() * dimension * EFFORT, (first, end) -> {
            float[] row = new float[vectors.columns()];
            int[] found = new int[codes.columns()];
            for (int i = first; i < end; i++) {
                MemorySegment.copy(source.row(i), JAVA_FLOAT, 0, row, 0, row.length);
                for (int j = 0; j < found.length; j++) {
                    found[j] = codebook.encode(row, j * dimension);
                    codebook.decode(found[j], row, j * dimension);
                }
                MemorySegment.copy(found, 0, target.rows(i, i + 1).data(), JAVA_INT, 0, found.length);
                MemorySegment.copy(row, 0, result.row(i), JAVA_FLOAT, 0, row.length);
            }
        });
    }

    @Override
    public void decodePacked(Codebook codebook, int[] words, Matrix decoded) {
        decode(codebook, HostCodes.unpack(codebook, words, decoded), decoded);
    }

    @Override
    public void decode(Codebook codebook, IntMatrix codes, Matrix decoded) {
        Shapes.require("decoded", decoded, codes.rows(), codes.columns() * codebook.dimension());
        HostIntMatrix source = HostIntMatrix.require(codes);
        HostMatrix target = HostMatrix.require(decoded);
        int dimension = codebook.dimension();
        workers.rows(codes.rows(), decoded.columns(), (first, end) -> {
            float[] row = new float[decoded.columns()];
            for (int i = first; i < end; i++) {
                for (int j = 0; j < codes.columns(); j++) {
                    codebook.decode(source.get(i, j), row, j * dimension);
                }
                MemorySegment.copy(row, 0, target.row(i), JAVA_FLOAT, 0, row.length);
            }
        });
    }
}
