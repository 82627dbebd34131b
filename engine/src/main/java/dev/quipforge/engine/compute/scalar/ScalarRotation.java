package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import java.util.function.IntUnaryOperator;

/** The rotation of both {@link ScalarTransformerOps} and {@link ScalarGradientOps}. */
final class ScalarRotation {

    private ScalarRotation() {}

    /**
     * Turns the pairs of all heads.
     *
     * @param direction 1 for forward, −1 for back
     * @param heads [tokens × (count · headWidth)]
     * @param geometry which columns turn
     * @param frequencies [1 × width / 2]
     * @param position of a row
     */
    static void turn(
            int direction,
            HostMatrix heads,
            RotaryGeometry geometry,
            HostMatrix frequencies,
            IntUnaryOperator position) {
        for (int r = 0; r < heads.rows(); r++) {
            for (int head = 0; head < heads.columns(); head += geometry.headWidth()) {
                for (int i = 0; i < geometry.width() / 2; i++) {
                    double angle = (double) position.applyAsInt(r) * frequencies.get(0, i);
                    double cosine = geometry.amplitude() * Math.cos(angle);
                    double sine = geometry.amplitude() * direction * Math.sin(angle);
                    int low = head + geometry.first() + i * geometry.step();
                    int high = low + geometry.distance();
                    double a = heads.get(r, low);
                    double b = heads.get(r, high);
                    heads.set(r, low, (float) (a * cosine - b * sine));
                    heads.set(r, high, (float) (b * cosine + a * sine));
                }
            }
        }
    }
}
