package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.host.HostCodes;

/** The definition of {@link CodebookOps}. */
final class ScalarCodebookOps implements CodebookOps {

    @Override
    public void encode(Codebook codebook, Matrix vectors, IntMatrix codes, Matrix decoded) {
        Shapes.require("vectors", vectors, codes.rows(), codes.columns() * codebook.dimension());
        Shapes.requireSame("decoded", decoded, vectors);
        HostMatrix source = HostMatrix.require(vectors);
        HostIntMatrix target = HostIntMatrix.require(codes);
        float[] vector = new float[codebook.dimension()];
        for (int i = 0; i < target.rows(); i++) {
            for (int j = 0; j < target.columns(); j++) {
                for (int k = 0; k < vector.length; k++) {
                    vector[k] = source.get(i, j * vector.length + k);
                }
                target.set(i, j, codebook.encode(vector, 0));
            }
        }
        decode(codebook, codes, decoded);
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
        float[] vector = new float[codebook.dimension()];
        for (int i = 0; i < source.rows(); i++) {
            for (int j = 0; j < source.columns(); j++) {
                codebook.decode(source.get(i, j), vector, 0);
                for (int k = 0; k < vector.length; k++) {
                    target.set(i, j * vector.length + k, vector[k]);
                }
            }
        }
    }
}
