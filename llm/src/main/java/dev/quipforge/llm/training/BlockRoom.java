package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.LinearShape;
import java.util.HashMap;
import java.util.Map;

/** Room in which the quantized linears of a block compute, made when the first asks for it; shared by all blocks. */
public final class BlockRoom {

    private final Workspace workspace;
    private final Layout layout;
    private final Map<String, LinearRoom> rooms = new HashMap<>();
    private final Matrix transposedGradient;
    private final Matrix transposedWeight;

    /**
     * Room for blocks of one model.
     *
     * @param workspace owner of the room
     * @param layout of the model
     */
    public BlockRoom(Workspace workspace, Layout layout) {
        this.workspace = workspace;
        this.layout = layout;
        int largest = Math.toIntExact(layout.groups().stream()
                .map(LinearGroup::linears)
                .flatMap(linears -> linears.stream().map(layout::shape))
                .mapToLong(LinearShape::weights)
                .max()
                .orElse(0));
        this.transposedGradient = workspace.matrix(1, largest);
        this.transposedWeight = workspace.matrix(1, largest);
    }

    /** The room of a linear, and of those of its kind in other blocks. */
    LinearRoom of(String linear) {
        String kind = linear.substring(linear.lastIndexOf('.') + 1);
        return rooms.computeIfAbsent(kind, _ -> allocate(layout.shape(linear)));
    }

    private LinearRoom allocate(LinearShape shape) {
        return new LinearRoom(
                workspace.matrix(shape.outputs(), shape.inputs()),
                workspace.matrix(shape.outputs(), shape.inputs()),
                transposed(transposedGradient, shape),
                transposed(transposedWeight, shape));
    }

    private static Matrix transposed(Matrix floats, LinearShape shape) {
        return floats.columns(0, Math.toIntExact(shape.weights())).reshape(shape.inputs(), shape.outputs());
    }
}
