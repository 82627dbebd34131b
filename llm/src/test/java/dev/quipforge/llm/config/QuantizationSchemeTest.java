package dev.quipforge.llm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.rounding.RoundingMethod;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearGroup;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class QuantizationSchemeTest {

    private static final QuantizationConfig STANDARD = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 7);

    private static final List<LinearGroup> GROUPS =
            List.of(group(0, "attention-in"), group(0, "mlp-down"), group(1, "attention-in"), group(1, "mlp-down"));

    @Test
    void aGroupHasTheSettingsOfItsPathElseOfItsGlobElseTheStandard() {
        QuantizationScheme scheme = scheme(Map.of("*/mlp-down", bits(4), "1/mlp-down", bits(3)));
        assertThat(GROUPS).extracting(group -> scheme.forGroup(group).bits()).containsExactly(2, 4, 2, 3);
    }

    @Test
    void aResolvedSchemeNamesPathsAndSaysTheSame() {
        QuantizationScheme scheme = scheme(Map.of("*/mlp-down", bits(4), "1/*", STANDARD, "1/mlp-down", bits(3)));
        QuantizationScheme resolved = scheme.resolved(GROUPS);
        assertThat(resolved.overrides()).isEqualTo(Map.of("0/mlp-down", bits(4), "1/mlp-down", bits(3)));
        assertThat(GROUPS)
                .allSatisfy(group -> assertThat(resolved.forGroup(group)).isEqualTo(scheme.forGroup(group)));
        assertThat(resolved.resolved(GROUPS)).isEqualTo(resolved);
        assertThat(scheme(Map.of("*/*", STANDARD)).resolved(GROUPS)).isEqualTo(QuantizationScheme.uniform(STANDARD));
    }

    @Test
    void whatNamesNoGroupIsRefused() {
        for (String name : List.of("2/mlp-down", "*/mlp-up", "mlp-down", "?")) {
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> scheme(Map.of(name, bits(4))).resolved(GROUPS))
                    .withMessage("overrides." + name
                            + ": matches no group (expected: a path or a glob over BLOCK/KEY, with BLOCK 0 to 1 and KEY one"
                            + " of [attention-in, mlp-down])");
        }
    }

    @Test
    void twoGlobsForOneGroupAreRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() ->
                        scheme(Map.of("*/mlp-down", bits(4), "1/*", bits(3))).resolved(GROUPS))
                .withMessage("overrides: */mlp-down and 1/* match 1/mlp-down (expected: one of them, or an override of"
                        + " 1/mlp-down itself)");
    }

    @Test
    void whatIsNoGlobAndAnotherSeedAreRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> scheme(Map.of("{0,1/mlp-down", bits(4))))
                .withMessageStartingWith("overrides.{0,1/mlp-down: not a glob: ");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> scheme(Map.of("0/*", QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 8))))
                .withMessage("overrides.0/*: seed 8 (expected: 7, one for all)");
    }

    @Test
    void anotherMethodBringsItsUsualRoundingAndPasses() {
        QuantizationConfig nearest = new QuantizationConfig(
                QuantizationCode.UNIFORM, 2, STANDARD.tailBiting(), RoundingMethod.NEAREST, STANDARD.transform(), 0, 7);
        assertThat(nearest.with(QuantizationCode.LLOYD_MAX, 4).rounding()).isEqualTo(RoundingMethod.NEAREST);
        assertThat(nearest.with(QuantizationCode.E8P, 3)).isEqualTo(QuantizationConfig.of(QuantizationCode.E8P, 3, 7));
    }

    private static QuantizationScheme scheme(Map<String, QuantizationConfig> overrides) {
        return new QuantizationScheme(STANDARD, new TreeMap<>(overrides));
    }

    private static QuantizationConfig bits(int bits) {
        return STANDARD.with(QuantizationCode.THREE_INST, bits);
    }

    private static LinearGroup group(int block, String key) {
        return new LinearGroup(block, key, List.of());
    }
}
