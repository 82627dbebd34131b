package dev.quipforge.quantizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.MethodCatalogue;
import dev.quipforge.contracts.MethodCatalogue.Code;
import dev.quipforge.contracts.MethodCatalogue.Method;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationMethod;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.format.Formats;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the job API offers is what the worker can do. */
class MethodCatalogueTest {

    private static final MethodCatalogue CATALOGUE = MethodCatalogue.standard();

    @Test
    void theCatalogueHasTheMethodsOfTheWorker() {
        assertThat(CATALOGUE.methods())
                .extracting(Method::name)
                .containsExactly(Arrays.stream(QuantizationMethod.values())
                        .map(QuantizationMethod::key)
                        .toArray(String[]::new));
        for (Method offered : CATALOGUE.methods()) {
            QuantizationMethod method = QuantizationNames.method(offered.name());
            assertThat(offered.passes()).isEqualTo(method.defaultPasses());
            assertThat(offered.codes())
                    .isEqualTo(QuantizationCode.of(method).stream()
                            .map(code -> new Code(code.key(), code.bits()))
                            .toList());
        }
        assertThat(CATALOGUE.mostPasses()).isEqualTo(QuantizationConfig.MOST_PASSES);
    }

    /** So that a job and the same work in one process give the same bytes. */
    @Test
    void anotherCodeOfSomeGroupsMeansTheSameToBoth() {
        QuantizationRecipe nearest =
                new QuantizationRecipe("quip", "uniform", 2, "exact", "nearest", "kronecker", 0, 3);
        QuantizationRecipe passes = new QuantizationRecipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 4, 3);
        for (QuantizationRecipe recipe : List.of(nearest, passes)) {
            for (QuantizationCode code : QuantizationCode.values()) {
                assertThat(Recipes.settings(recipe.with(code.key(), 2)))
                        .isEqualTo(Recipes.settings(recipe).with(code, 2));
            }
        }
    }

    @Test
    void everyOfferedRecipeHasAFormat() {
        for (Method method : CATALOGUE.methods()) {
            for (Code code : method.codes()) {
                for (int bits : code.bits()) {
                    for (String rounding : method.roundings()) {
                        for (String transform : CATALOGUE.transforms()) {
                            QuantizationRecipe recipe = new QuantizationRecipe(
                                    method.name(),
                                    code.name(),
                                    bits,
                                    CATALOGUE.tailBiting().getFirst(),
                                    rounding,
                                    transform,
                                    0,
                                    1);
                            assertThat(Formats.of(Recipes.settings(recipe)).rms())
                                    .as(recipe.toString())
                                    .isPositive();
                        }
                    }
                }
            }
        }
    }
}
