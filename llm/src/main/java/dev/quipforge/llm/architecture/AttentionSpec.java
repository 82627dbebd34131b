package dev.quipforge.llm.architecture;

import dev.quipforge.engine.compute.AttentionGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The attention of a block.
 *
 * @param geometry heads and widths, scale, window and cap of the scores
 * @param projection how queries, keys and values are made
 * @param rotary how queries and keys turn with their position; empty for not at all
 * @param sinks tensor with one more score of every head that takes part in the softmax and has no value; empty for none
 * @param output the linear that reads what was gathered
 */
public record AttentionSpec(
        AttentionGeometry geometry,
        Projection projection,
        Optional<Rotary> rotary,
        Optional<String> sinks,
        LinearSpec output) {

    /** Width of all queries. */
    public int queryWidth() {
        return geometry.heads() * geometry.headWidth();
    }

    /** Width of all keys. */
    public int keyWidth() {
        return geometry.keyValueHeads() * geometry.headWidth();
    }

    /** Width of all values. */
    public int valueWidth() {
        return geometry.keyValueHeads() * geometry.valueWidth();
    }

    /** Width of what is gathered. */
    public int gatheredWidth() {
        return geometry.heads() * geometry.valueWidth();
    }

    /** What its linears read, in the order in which it is computed. */
    public List<InputSpec> inputs() {
        List<InputSpec> inputs = new ArrayList<>();
        switch (projection) {
            case Projection.Direct direct ->
                inputs.add(InputSpec.of(InputSpec.ATTENTION_IN, direct.query(), direct.key(), direct.value()));
            case Projection.Latent latent -> {
                LinearSpec first = latent.compressedQuery()
                        .map(Projection.Compressed::down)
                        .orElse(latent.query());
                inputs.add(InputSpec.of(InputSpec.ATTENTION_IN, first, latent.keyValueDown()));
                latent.compressedQuery().ifPresent(_ -> inputs.add(InputSpec.of(InputSpec.QUERY_UP, latent.query())));
                inputs.add(InputSpec.of(InputSpec.KEY_VALUE_UP, latent.keyValueUp()));
            }
        }
        inputs.add(InputSpec.of(InputSpec.ATTENTION_OUT, output));
        return inputs;
    }

    /** Its norms. */
    List<NormSpec> norms() {
        return switch (projection) {
            case Projection.Direct direct ->
                Stream.of(direct.queryNorm(), direct.keyNorm())
                        .flatMap(Optional::stream)
                        .toList();
            case Projection.Latent latent ->
                Stream.of(latent.compressedQuery().map(Projection.Compressed::norm), Optional.of(latent.keyValueNorm()))
                        .flatMap(Optional::stream)
                        .toList();
        };
    }
}
