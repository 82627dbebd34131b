package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.WeightLoader;
import java.util.List;

/**
 * The last norm and the head of a model.
 *
 * @param backend where to compute
 * @param head of the model
 * @param norm weight of the last norm, [1 × hidden]
 * @param weight of the head, [vocabulary × hidden]
 */
public record HeadForward(ComputeBackend backend, Architecture.Head head, Matrix norm, Matrix weight) {

    /** Loads the head of a model; {@code embedding} serves where both are tied. */
    public static HeadForward load(
            ComputeBackend backend, Workspace workspace, ModelDirectory model, Matrix embedding) {
        Architecture.Head head = model.config().architecture().head();
        Matrix norm = new BlockTensors(backend, workspace, model).norm(head.norm());
        Matrix weight = head.tied()
                ? embedding
                : WeightLoader.load(backend, workspace, model.weights().tensor(head.tensor()));
        return new HeadForward(backend, head, norm, weight);
    }

    /** Loads the head of a model by itself. */
    public static HeadForward load(ComputeBackend backend, Workspace workspace, ModelDirectory model) {
        Architecture architecture = model.config().architecture();
        Matrix norm = new BlockTensors(backend, workspace, model)
                .norm(architecture.head().norm());
        Matrix weight = WeightLoader.load(backend, workspace, model.weights().tensor(architecture.headSource()));
        return new HeadForward(backend, architecture.head(), norm, weight);
    }

    /** {@code normed} = the last norm of hidden states; both may be one matrix. */
    public void normalize(Matrix hidden, Matrix normed) {
        new Layers(backend).normalize(head.norm(), norm, hidden, normed);
    }

    /** The logits of normalized hidden states, [rows × vocabulary]. */
    public void logits(Matrix hidden, Matrix logits) {
        backend.dense().project(hidden, List.of(weight), List.of(logits));
        finish(logits);
    }

    /** The same, every row by itself ({@link dev.quipforge.engine.compute.DecodeOps}). */
    public void logitsRowByRow(Matrix hidden, Matrix logits) {
        backend.decode().project(hidden, weight, logits);
        finish(logits);
    }

    private void finish(Matrix logits) {
        if (head.multiplier() != 1) {
            backend.dense().scale(logits, head.multiplier());
        }
        if (head.cap() > 0) {
            backend.transformer().softCap(logits, head.cap());
        }
    }
}
