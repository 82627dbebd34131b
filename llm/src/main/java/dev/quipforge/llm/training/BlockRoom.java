package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.model.Layout;
import java.util.HashMap;
import java.util.Map;

/** Room in which the quantized linears of a block compute, made when the first asks for it; shared by all blocks. */
public final class BlockRoom {

    private final Workspace workspace;
    private final Map<Role, LinearRoom> rooms = new HashMap<>();
    private final Matrix transposedGradient;
    private final Matrix transposedWeight;

    private record Role(String name, LinearShape shape) {}

    /**
     * Room for blocks of one model.
     *
     * @param workspace owner of the room
     * @param layout of the model
     */
    public BlockRoom(Workspace workspace, Layout layout) {
        this.workspace = workspace;
        int largest = Math.toIntExact(layout.groups().stream()
                .flatMap(group -> group.linears().stream())
                .mapToLong(linear -> linear.shape().weights())
                .max()
                .orElse(0));
        this.transposedGradient = workspace.matrix(1, largest);
        this.transposedWeight = workspace.matrix(1, largest);
    }

    /** The room of a linear of a block, and of that of the same role in other blocks. */
    LinearRoom of(BlockSpec block, LinearSpec linear) {
        String role = linear.name().replaceFirst("[.]" + block.index() + "[.]", ".");
        return rooms.computeIfAbsent(new Role(role, linear.shape()), _ -> allocate(linear.shape()));
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
