package dev.quipforge.engine.incoherence;

/**
 * The orthonormal Hadamard matrix of one order: U = (M_K ⊗ H_{2^p}) / sqrt(n) with n = K · 2^p, where H is Sylvester's
 * matrix and M_K one of the small matrices of {@code SmallHadamard} (QuIP#, section 3). The small matrix is the outer
 * factor; U is not symmetric when M_K is not.
 *
 * @param order the dimension n
 * @param outer the small order K, 1 for a power of two
 */
public record Hadamard(int order, int outer) {}
