package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.hadamard.Hadamard;

/** The definition of {@link HadamardOps}: U is formed, and multiplied with every vector. */
final class ScalarHadamardOps implements HadamardOps {

    @Override
    public void transformRows(Hadamard transform, Matrix matrix) {
        Shapes.require("matrix", matrix, matrix.rows(), transform.order());
        HostMatrix host = HostMatrix.require(matrix);
        byte[][] signs = signs(transform, false);
        for (int i = 0; i < host.rows(); i++) {
            multiply(signs, transform.size(), new Row(host, i));
        }
    }

    @Override
    public void transformRowsInverse(Hadamard transform, Matrix matrix) {
        Shapes.require("matrix", matrix, matrix.rows(), transform.order());
        HostMatrix host = HostMatrix.require(matrix);
        byte[][] signs = signs(transform, true);
        for (int i = 0; i < host.rows(); i++) {
            multiply(signs, transform.size(), new Row(host, i));
        }
    }

    @Override
    public void transformColumns(Hadamard transform, Matrix matrix) {
        Shapes.require("matrix", matrix, transform.order(), matrix.columns());
        HostMatrix host = HostMatrix.require(matrix);
        byte[][] signs = signs(transform, false);
        for (int j = 0; j < host.columns(); j++) {
            multiply(signs, transform.size(), new Column(host, j));
        }
    }

    @Override
    public void transformColumnsInverse(Hadamard transform, Matrix matrix) {
        Shapes.require("matrix", matrix, transform.order(), matrix.columns());
        HostMatrix host = HostMatrix.require(matrix);
        byte[][] signs = signs(transform, true);
        for (int j = 0; j < host.columns(); j++) {
            multiply(signs, transform.size(), new Column(host, j));
        }
    }

    private interface Vector {

        float get(int index);

        void set(int index, float value);
    }

    private record Row(HostMatrix matrix, int row) implements Vector {

        @Override
        public float get(int index) {
            return matrix.get(row, index);
        }

        @Override
        public void set(int index, float value) {
            matrix.set(row, index, value);
        }
    }

    private record Column(HostMatrix matrix, int column) implements Vector {

        @Override
        public float get(int index) {
            return matrix.get(index, column);
        }

        @Override
        public void set(int index, float value) {
            matrix.set(index, column, value);
        }
    }

    /** sqrt(n / b) · U, or its transpose. */
    private static byte[][] signs(Hadamard transform, boolean transposed) {
        int order = transform.order();
        byte[][] signs = new byte[order][order];
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                signs[i][j] = (byte) (transposed ? transform.sign(j, i) : transform.sign(i, j));
            }
        }
        return signs;
    }

    private static void multiply(byte[][] signs, int size, Vector vector) {
        int order = signs.length;
        double[] product = new double[order];
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                product[i] += signs[i][j] * (double) vector.get(j);
            }
        }
        for (int i = 0; i < order; i++) {
            vector.set(i, (float) (product[i] / Math.sqrt(size)));
        }
    }
}
