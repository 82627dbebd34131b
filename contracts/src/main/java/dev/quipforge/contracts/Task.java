package dev.quipforge.contracts;

/**
 * The work of one message: imperative, self-contained, harmless when delivered twice. Big things travel as keys of the
 * artifact store.
 */
public sealed interface Task
        permits ImportModel,
                GenerateWindows,
                JoinWindows,
                CalibrateShard,
                ReduceHessians,
                CaptureActivations,
                QuantizeGroup,
                TuneBlock,
                TuneModel,
                AssembleModel,
                EvaluateModel,
                PublishModel {

    /** The queue whose workers can do this task. */
    default WorkQueue queue() {
        return switch (this) {
            case ImportModel _, GenerateWindows _, JoinWindows _ -> WorkQueue.CALIBRATION;
            case CalibrateShard _, ReduceHessians _, CaptureActivations _ -> WorkQueue.CALIBRATION;
            case QuantizeGroup _, AssembleModel _, PublishModel _ -> WorkQueue.QUANTIZER;
            case TuneBlock _, TuneModel _ -> WorkQueue.FINETUNE;
            case EvaluateModel _ -> WorkQueue.INFERENCE;
        };
    }
}
