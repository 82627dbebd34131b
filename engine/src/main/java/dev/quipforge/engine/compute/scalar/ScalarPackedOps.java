package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.PackedOps;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.Trellis;

/** The definition of {@link PackedOps}: codes are looked up one by one. */
final class ScalarPackedOps implements PackedOps {

    @Override
    public PackedMatrix load(Trellis trellis, int rows, int columns, short[] words) {
        PackedTiles tiles = new PackedTiles(trellis, rows, columns, words.clone());
        float[][] values = new float[rows][columns];
        float[] table = trellis.table();
        for (int across = 0; across < columns / PackedTiles.SIDE; across++) {
            int[] states = tiles.column(across);
            for (int i = 0; i < states.length * trellis.values(); i++) {
                int row = i / PackedTiles.SIDE;
                int column = across * PackedTiles.SIDE + i % PackedTiles.SIDE;
                values[row][column] = table[states[i / trellis.values()] * trellis.values() + i % trellis.values()];
            }
        }
        return new Decoded(values, rows, columns, (long) words.length * Short.BYTES);
    }

    @Override
    public PackedMatrix load(Codebook codebook, int rows, int columns, int[] codes) {
        int dimension = codebook.dimension();
        Shapes.requireCodes(codes.length, rows, columns, dimension);
        float[][] values = new float[rows][columns];
        for (int i = 0; i < codes.length; i++) {
            int first = i * dimension % Math.max(1, columns);
            codebook.decode(codes[i], values[i * dimension / columns], first);
        }
        return new Decoded(values, rows, columns, Math.ceilDiv((long) rows * columns * codebook.bits(), Byte.SIZE));
    }

    @Override
    public void multiply(PackedMatrix matrix, Matrix vectors, Matrix product) {
        if (!(matrix instanceof Decoded decoded)) {
            throw new IllegalArgumentException(
                    "matrix: " + matrix.getClass().getSimpleName() + " (expected: loaded by this backend)");
        }
        Shapes.require("vectors", vectors, vectors.rows(), decoded.columns);
        Shapes.require("product", product, vectors.rows(), decoded.rows);
        HostMatrix source = HostMatrix.require(vectors);
        HostMatrix target = HostMatrix.require(product);
        for (int t = 0; t < source.rows(); t++) {
            for (int i = 0; i < decoded.rows; i++) {
                double sum = 0;
                for (int j = 0; j < decoded.columns; j++) {
                    sum += (double) decoded.values[i][j] * source.get(t, j);
                }
                target.set(t, i, (float) sum);
            }
        }
    }

    private static final class Decoded implements PackedMatrix {

        private final float[][] values;
        private final int rows;
        private final int columns;
        private final long bytes;

        Decoded(float[][] values, int rows, int columns, long bytes) {
            this.values = values;
            this.rows = rows;
            this.columns = columns;
            this.bytes = bytes;
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public int columns() {
            return columns;
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public void close() {
            // memory of the JVM
        }
    }
}
