package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.model.Layout;
import java.util.HashMap;
import java.util.Map;

/** The buffers that the quantized linears of a block compute in, allocated on first use and shared by all blocks. */
public final class BlockBuffers {

    private final Workspace workspace;
    private final Map<Role, LinearBuffers> buffers = new HashMap<>();
    private final Matrix transposedGradient;
    private final Matrix transposedWeight;

    private record Role(String name, LinearShape shape) {}

    /**
     * Buffers for the blocks of one model.
     *
     * @param workspace owner of the buffers
     * @param layout of the model
     */
    public BlockBuffers(Workspace workspace, Layout layout) {
        this.workspace = workspace;
        int largest = Math.toIntExact(layout.groups().stream()
                .flatMap(group -> group.linears().stream())
                .mapToLong(linear -> linear.shape().weights())
                .max()
                .orElse(0));
        this.transposedGradient = workspace.matrix(1, largest);
        this.transposedWeight = workspace.matrix(1, largest);
    }

    /** The buffers of a linear, shared with the linears of the same role in other blocks. */
    LinearBuffers of(BlockSpec block, LinearSpec linear) {
        String role = linear.name().replaceFirst("[.]" + block.index() + "[.]", ".");
        return buffers.computeIfAbsent(new Role(role, linear.shape()), _ -> allocate(linear.shape()));
    }

    private LinearBuffers allocate(LinearShape shape) {
        return new LinearBuffers(
                workspace.matrix(shape.outputs(), shape.inputs()),
                workspace.matrix(shape.outputs(), shape.inputs()),
                transposed(transposedGradient, shape),
                transposed(transposedWeight, shape));
    }

    private static Matrix transposed(Matrix floats, LinearShape shape) {
        return floats.columns(0, Math.toIntExact(shape.weights())).reshape(shape.inputs(), shape.outputs());
    }
}
