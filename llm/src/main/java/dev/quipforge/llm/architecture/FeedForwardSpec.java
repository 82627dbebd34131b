package dev.quipforge.llm.architecture;

import dev.quipforge.engine.compute.GatedActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The feed-forward half of a block. */
public sealed interface FeedForwardSpec {

    /** What its linears read, in the order in which it is computed. */
    List<InputSpec> inputs();

    /**
     * Wdown · (activation(Wgate · x) ∘ Wup · x).
     *
     * @param gate Wgate
     * @param up Wup
     * @param down Wdown
     * @param activation of the gate
     * @param name what its inputs are called before {@code -in} and {@code -down}
     */
    record Gated(LinearSpec gate, LinearSpec up, LinearSpec down, GatedActivation activation, String name)
            implements FeedForwardSpec {

        /** What gate and up read. */
        public InputSpec in() {
            return InputSpec.of(name + "-in", gate, up);
        }

        /** What down reads. */
        public InputSpec product() {
            return InputSpec.of(name + "-down", down);
        }

        /** Width between up and down. */
        public int inner() {
            return down.shape().inputs();
        }

        @Override
        public List<InputSpec> inputs() {
            return List.of(in(), product());
        }
    }

    /**
     * A mixture of experts: the weighted sum of those that the router chooses for a token, and of one that all tokens go to.
     *
     * @param router chooses
     * @param experts those it chooses from
     * @param shared the one that all tokens go to; empty for none
     */
    record Experts(RouterSpec router, List<Gated> experts, Optional<Gated> shared) implements FeedForwardSpec {

        public Experts {
            experts = List.copyOf(experts);
        }

        @Override
        public List<InputSpec> inputs() {
            List<InputSpec> inputs = new ArrayList<>();
            shared.ifPresent(all -> inputs.addAll(all.inputs()));
            experts.forEach(expert -> inputs.addAll(expert.inputs()));
            return inputs;
        }
    }
}
