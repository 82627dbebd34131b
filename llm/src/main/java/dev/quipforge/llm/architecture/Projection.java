package dev.quipforge.llm.architecture;

import java.util.Optional;

/** How queries, keys and values are made of the hidden state. */
public sealed interface Projection {

    /**
     * One linear each.
     *
     * @param query makes the queries
     * @param key makes the keys
     * @param value makes the values
     * @param queryNorm norm of the queries, of each head or of all; empty for none
     * @param keyNorm norm of the keys likewise
     */
    record Direct(
            LinearSpec query,
            LinearSpec key,
            LinearSpec value,
            Optional<NormSpec> queryNorm,
            Optional<NormSpec> keyNorm)
            implements Projection {}

    /**
     * Multi-head latent attention (DeepSeek-V2, section 2.1): keys and values of all heads are made of one compressed vector;
     * the part of a key that turns is one for all heads and stands beside that vector. In every head the columns that turn
     * follow the others.
     *
     * @param query makes the queries, of the hidden state or of the compressed queries
     * @param compressedQuery makes compressed queries first; empty for none
     * @param keyValueDown makes the compressed vector and, behind it, the part of the key that turns
     * @param keyValueNorm norm of the compressed vector
     * @param keyValueUp makes of it, head by head, the part of the key that does not turn, and the value
     */
    record Latent(
            LinearSpec query,
            Optional<Compressed> compressedQuery,
            LinearSpec keyValueDown,
            NormSpec keyValueNorm,
            LinearSpec keyValueUp)
            implements Projection {}

    /**
     * A narrow activation between two linears.
     *
     * @param down makes it
     * @param norm its norm
     */
    record Compressed(LinearSpec down, NormSpec norm) {}
}
