package dev.quipforge.llm.linear;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.util.List;

/** A linear layer in a backend's memory, y = W x, without its bias. */
public sealed interface Linear permits DenseLinear, PackedLinear {

    /** Rows of W. */
    int outputs();

    /** Columns of W. */
    int inputs();

    /**
     * The linears that read one input, each row of it by itself ({@link dev.quipforge.engine.compute.DecodeOps}): what several
     * packed linears do to their input alike is done once.
     *
     * @param backend where all of them are
     * @param input x, one a row, [t × inputs]
     * @param linears the linears
     * @param outputs one for each linear, [t × outputs]; none is {@code input}
     */
    static void project(ComputeBackend backend, Matrix input, List<Linear> linears, List<Matrix> outputs) {
        try (Workspace temporary = backend.workspace()) {
            TransformedInput transformed = new TransformedInput(backend, temporary, input);
            for (int i = 0; i < linears.size(); i++) {
                switch (linears.get(i)) {
                    case DenseLinear dense -> backend.decode().project(input, dense.weight(), outputs.get(i));
                    case PackedLinear packed -> packed.project(transformed.of(packed), outputs.get(i));
                }
            }
        }
    }
}
