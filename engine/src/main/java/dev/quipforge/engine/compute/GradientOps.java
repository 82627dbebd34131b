package dev.quipforge.engine.compute;

import dev.quipforge.engine.trellis.Trellis;
import java.util.List;

/**
 * The backward forms of {@link TransformerOps} and of linear layers, the losses they begin at, and the step they end in.
 *
 * <p>A gradient with respect to an activation is written over what was there; a gradient with respect to a parameter
 * (a weight, a norm, a vector of scales) is added to what was there, so that several batches add up. Results overlap no
 * other argument, unless an operation says that they may. Sums do not depend on the number of threads. Where a forward form
 * may round to bf16, its backward form may as well.
 */
public interface GradientOps {

    /**
     * Of {@link DenseOps#project}, with respect to the input: {@code inputGradient} = Σ_i {@code outputGradients}[i] ·
     * {@code weights}[i], shapes [t × n] · [n × k] → [t × k].
     */
    void project(List<Matrix> outputGradients, List<Matrix> weights, Matrix inputGradient);

    /**
     * Of {@link DenseOps#project}, with respect to a weight: {@code weightGradient} += {@code outputGradient}ᵀ ·
     * {@code input}, shapes [t × n]ᵀ · [t × k] → [n × k].
     */
    void addWeight(Matrix outputGradient, Matrix input, Matrix weightGradient);

    /**
     * Of {@link DenseOps#scaleColumns}, with respect to the factors: {@code sums}[0, j] += Σ_i a[i, j] · b[i, j]; sums are
     * [1 × columns].
     */
    void addColumnProducts(Matrix a, Matrix b, Matrix sums);

    /** Of {@link DenseOps#addRow}, with respect to the row: {@code sums}[0, j] += Σ_i gradient[i, j]; sums are [1 × columns]. */
    void addColumnSums(Matrix gradient, Matrix sums);

    /**
     * Of {@link TransformerOps#rmsNorm}.
     *
     * @param input what was normalized
     * @param weight [1 × width]
     * @param epsilon as in the forward form
     * @param outputGradient with respect to the output
     * @param inputGradient receives that with respect to the input; may be {@code outputGradient}
     * @param weightGradient that with respect to the weight is added here, [1 × width]
     */
    void rmsNorm(
            Matrix input,
            Matrix weight,
            float epsilon,
            Matrix outputGradient,
            Matrix inputGradient,
            Matrix weightGradient);

    /**
     * Of {@link TransformerOps#rotate}, in place, by its transpose: every pair turns back, and is multiplied by the amplitude.
     */
    void rotate(Matrix gradient, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition);

    /**
     * Of {@link TransformerOps#causalAttention} without a cache (as many keys as queries). No backend holds a matrix of
     * all queries by all keys; the weights of the softmax are computed again.
     *
     * @param geometry as in the forward form
     * @param inputs what the forward form took
     * @param output what it gave
     * @param windows number of windows
     * @param outputGradient with respect to the output
     * @param gradients receive those with respect to queries, keys and values; those with respect to sinks, which are
     *     parameters, are added to what is there; null without sinks, as in {@code inputs}
     */
    void causalAttention(
            AttentionGeometry geometry,
            AttentionInputs inputs,
            Matrix output,
            int windows,
            Matrix outputGradient,
            AttentionInputs gradients);

    /**
     * Of {@link TransformerOps#gate}. Where a value was clamped, its gradient is zero.
     *
     * @param activation as in the forward form
     * @param gate gate before the forward form
     * @param up second factor
     * @param outputGradient with respect to the product
     * @param gateGradient receives that with respect to the gate; may be {@code gate}
     * @param upGradient receives that with respect to the second factor; may be {@code up} or {@code outputGradient}
     */
    void gate(
            GatedActivation activation,
            Matrix gate,
            Matrix up,
            Matrix outputGradient,
            Matrix gateGradient,
            Matrix upGradient);

    /**
     * Of {@link TransformerOps#softCap}: {@code gradient} ∘= 1 − (output / cap)².
     *
     * @param output what the forward form gave
     * @param cap as in the forward form
     * @param gradient with respect to the output; becomes that with respect to the input
     */
    void softCap(Matrix output, float cap, Matrix gradient);

    /**
     * {@code products}[0, i] = Σ_j a[i, j] · b[i, j]; products are [1 × rows]. Of {@link TransformerOps#addRows}, with respect to
     * the weights, where b are the gradients at the rows of the target.
     */
    void rowProducts(Matrix a, Matrix b, Matrix products);

    /**
     * Σ (output − target)² over all elements, accumulated in double precision.
     *
     * @param factor the gradient is 2 · factor · (output − target)
     * @param gradient receives it; may be {@code output}
     */
    double squaredError(Matrix output, Matrix target, float factor, Matrix gradient);

    /**
     * Σ over rows of the Kullback-Leibler divergence D(softmax(reference row) ‖ softmax(candidate row)), in nats. Cross
     * entropy to the soft labels softmax(reference) differs from it by a constant, and so has the same gradient.
     *
     * @param reference logits of the original model
     * @param candidate logits of the model in training
     * @param factor the gradient with respect to the candidate is factor · (softmax(candidate) − softmax(reference))
     * @param gradient receives it; may be {@code candidate}
     */
    double divergence(Matrix reference, Matrix candidate, float factor, Matrix gradient);

    /**
     * Of {@link TrellisOps#decodeTiles(Trellis, IntMatrix, Matrix, Matrix)}, with respect to the table: to that of every
     * entry are added the gradients of all weights that were taken from it, with the sign that they were taken with.
     *
     * @param trellis as in the forward form
     * @param words likewise
     * @param gradient with respect to the values, both dimensions multiples of 16
     * @param tableGradient that with respect to the table is added here, [2^Q × 2]
     */
    void addTable(Trellis trellis, IntMatrix words, Matrix gradient, Matrix tableGradient);

    /**
     * One step of Adam; the gradient is zero afterwards.
     *
     * @param step rate, decays and number of the step
     * @param parameter what is trained
     * @param gradient with respect to it
     * @param mean running mean of gradients
     * @param square running mean of their squares
     */
    void adam(AdamStep step, Matrix parameter, Matrix gradient, Matrix mean, Matrix square);
}
