package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Shape;
import java.util.List;
import picocli.CommandLine.Option;

/** Which shapes are measured. */
final class ShapeOption {

    @Option(
            names = "--shape",
            paramLabel = "ROWSxCOLUMNS",
            split = ",",
            description = "Shapes of the matrix, such as 4096x14336 (default: what suits the device).")
    private List<String> shapes = List.of();

    List<Shape> shapes() {
        return shapes.stream().map(Shape::of).toList();
    }
}
