package dev.quipforge.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** Holds gradients of a loss against differences of the loss, along one random direction in every parameter. */
final class GradientCheck {

    private final ComputeBackend backend;
    private final DoubleSupplier loss;
    private final float distance;

    GradientCheck(ComputeBackend backend, DoubleSupplier loss) {
        this(backend, loss, 0.02f);
    }

    /** With differences over this distance: a short one where the loss jumps, as when a router chooses another expert. */
    GradientCheck(ComputeBackend backend, DoubleSupplier loss, float distance) {
        this.backend = backend;
        this.loss = loss;
        this.distance = distance;
    }

    /** The gradients must have been added already. */
    void run(List<Parameter> parameters, double tolerance) {
        for (Parameter parameter : parameters) {
            try (Workspace workspace = backend.workspace()) {
                Matrix direction = direction(workspace, parameter);
                double expected = difference(parameter, direction);
                double actual = backend.dense().innerProduct(parameter.gradient(), direction);
                double scale = Math.max(Math.abs(expected), scale(parameter));
                assertThat(actual)
                        .as("%s: along a random direction", parameter.name())
                        .isCloseTo(expected, within(tolerance * scale));
            }
        }
    }

    /** The length of the gradient: what a direction that hits it well would show. */
    private double scale(Parameter parameter) {
        return 0.3 * Math.sqrt(backend.dense().innerProduct(parameter.gradient(), parameter.gradient()));
    }

    /** Of length 1; random signs, so that no element is left out. */
    private static Matrix direction(Workspace workspace, Parameter parameter) {
        SplittableRandom random = new SplittableRandom(parameter.name().hashCode());
        int rows = parameter.value().rows();
        int columns = parameter.value().columns();
        float size = (float) (1 / Math.sqrt((double) rows * columns));
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix signs = HostMatrix.allocate(arena, rows, columns);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    signs.set(i, j, random.nextBoolean() ? size : -size);
                }
            }
            return workspace.copyOf(signs);
        }
    }

    /** The derivative by central differences at two distances, extrapolated to none (Richardson). */
    private double difference(Parameter parameter, Matrix direction) {
        return (4 * difference(parameter, direction, distance) - difference(parameter, direction, 2 * distance)) / 3;
    }

    private double difference(Parameter parameter, Matrix direction, float step) {
        parameter.keep(backend);
        backend.dense().add(step, direction, parameter.value());
        parameter.changed();
        double ahead = loss.getAsDouble();
        parameter.restore(backend);
        backend.dense().add(-step, direction, parameter.value());
        parameter.changed();
        double behind = loss.getAsDouble();
        parameter.restore(backend);
        return (ahead - behind) / (2.0 * step);
    }
}
