package dev.quipforge.llm.checkpoint;

import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.model.ModelDirectory;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The {@code quip_params} of {@code config.json}: what programs that read checkpoints of the QTIP reference look for. */
final class QuipParams {

    /** Codes that the reference stores as we do: without a table, in the plain layout. */
    private static final Set<QuantizationCode> CODES =
            EnumSet.of(QuantizationCode.THREE_INST, QuantizationCode.ONE_MAD);

    private QuipParams() {}

    /** The fields; empty for a checkpoint that the reference would misread. */
    static Optional<Map<String, Object>> of(ModelDirectory original, QuantizationScheme scheme) {
        QuantizationConfig config = scheme.standard();
        boolean readable = scheme.isUniform()
                && CODES.contains(config.code())
                && config.transform() == OrthogonalTransform.Kind.HADAMARD
                && original.linearGroups().stream()
                        .flatMap(group -> group.linears().stream())
                        .map(LinearSpec::shape)
                        .allMatch(QuipParams::plain);
        return readable ? Optional.of(fields(config)) : Optional.empty();
    }

    /** Whether both transforms are of one block, the only ones that the reference knows, and tiles need no padding. */
    private static boolean plain(LinearShape shape) {
        return Hadamard.supports(shape.outputs())
                && Hadamard.supports(shape.inputs())
                && shape.outputs() % PackedTiles.SIDE == 0
                && shape.inputs() % PackedTiles.SIDE == 0;
    }

    private static Map<String, Object> fields(QuantizationConfig config) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("codebook", "bitshift");
        fields.put("codebook_version", 0);
        fields.put("L", QuantizationConfig.STATE_BITS);
        fields.put("K", config.bits());
        fields.put("V", 1);
        fields.put("tlut_bits", QuantizationConfig.STATE_BITS);
        fields.put("decode_mode", config.code().key());
        fields.put("td_x", PackedTiles.SIDE);
        fields.put("td_y", PackedTiles.SIDE);
        fields.put("split_for_tp", false);
        fields.put("skip_list", null);
        return fields;
    }
}
