package dev.quipforge.engine.compute;

/** The function of the gate in a gated MLP. */
public enum GatedActivation {
    /** silu(gate) ∘ up with silu(x) = x / (1 + e^−x): SwiGLU. */
    SILU,
    /** GELU by its usual approximation, x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
    GELU_TANH,
    /** GELU, x / 2 · (1 + erf(x / √2)). */
    GELU,
    /** g / (1 + e^−1.702 g) ∘ (u + 1) with g = min(gate, 7) and u = up within ±7: gpt-oss. */
    CLAMPED_SWISH
}
