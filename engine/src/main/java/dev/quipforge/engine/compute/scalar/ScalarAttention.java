package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;

/** Attention, head by head and query by query. */
record ScalarAttention(AttentionGeometry geometry, AttentionInputs inputs, int windows) {

    /** Writes the output of all heads of all windows. */
    void forward(Matrix output) {
        for (int window = 0; window < windows; window++) {
            for (int head = 0; head < geometry.heads(); head++) {
                ScalarSight sight = sight(window, head);
                HostMatrix queries = part(inputs.query(), window, head, geometry.headWidth());
                HostMatrix results = part(output, window, head, geometry.valueWidth());
                int past = sight.keys().rows() - queries.rows();
                for (int i = 0; i < queries.rows(); i++) {
                    mix(sight.of(queries.rows(i, i + 1), past + i), sight.values(), results.rows(i, i + 1));
                }
            }
        }
    }

    private static void mix(ScalarSight.Seen seen, HostMatrix values, HostMatrix output) {
        for (int c = 0; c < output.columns(); c++) {
            double mean = 0;
            for (int t = 0; t < seen.count(); t++) {
                mean += seen.power(t) * values.get(seen.first() + t, c);
            }
            output.set(0, c, (float) (mean / seen.sum()));
        }
    }

    /** How the queries of a head see the keys and values of their window. */
    ScalarSight sight(int window, int head) {
        int group = head / geometry.sharing();
        Matrix sinks = inputs.sinks();
        return new ScalarSight(
                geometry,
                part(inputs.key(), window, group, geometry.headWidth()),
                part(inputs.value(), window, group, geometry.valueWidth()),
                sinks == null
                        ? Double.NEGATIVE_INFINITY
                        : HostMatrix.require(sinks).get(0, head));
    }

    /** The columns of one head in the rows of one window. */
    HostMatrix part(Matrix matrix, int window, int head, int width) {
        int length = matrix.rows() / windows;
        return HostMatrix.require(matrix)
                .rows(window * length, (window + 1) * length)
                .columns(head * width, (head + 1) * width);
    }
}
