package dev.quipforge.gateway.request;

import dev.quipforge.contracts.Choice;
import dev.quipforge.contracts.TuningCatalogue;
import dev.quipforge.contracts.TuningRecipe;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks how a job wants to be tuned against the catalogue. */
final class TuningCheck {

    private static final TuningCatalogue CATALOGUE = TuningCatalogue.standard();
    private static final String FIELD = "recipe.tuning.";
    private static final int MOST_EPOCHS = 1_000;
    private static final int MOST_WINDOWS = 4_096;
    /** The largest number below one: for what must stay below it. */
    private static final double BELOW_ONE = Math.nextDown(1.0);

    private final Findings findings;

    private TuningCheck(Findings findings) {
        this.findings = findings;
    }

    /** The tuning with its defaults, null for none; what is wrong goes to {@code findings}. */
    static @Nullable TuningRecipe check(JobSubmission.@Nullable Tuning asked, Findings findings) {
        return asked == null ? null : new TuningCheck(findings).check(asked);
    }

    private @Nullable TuningRecipe check(JobSubmission.Tuning asked) {
        String mode = findings.oneOf(FIELD + "mode", asked.mode(), names(CATALOGUE.modes()));
        if (mode.equals(TuningCatalogue.NONE)) {
            demandAbsence("preset", asked.preset(), "with mode none");
            demandAbsence("blocks", asked.blocks(), "with mode none");
            demandAbsence("endToEnd", asked.endToEnd(), "with mode none");
            demandAbsence("validation", asked.validation(), "with mode none");
            demandAbsence("patience", asked.patience(), "with mode none");
            return null;
        }
        if (mode.equals(TuningCatalogue.BLOCKS)) {
            demandAbsence("endToEnd", asked.endToEnd(), "with mode blocks");
        }
        return new TuningRecipe(
                mode,
                findings.oneOf(FIELD + "preset", asked.preset(), names(CATALOGUE.presets())),
                schedule("blocks", asked.blocks()),
                schedule("endToEnd", asked.endToEnd()),
                within("validation", asked.validation(), Double.MIN_VALUE, BELOW_ONE, "above 0, below 1"),
                whole("patience", asked.patience(), MOST_EPOCHS));
    }

    /** A schedule that sets nothing is none. */
    private TuningRecipe.@Nullable Schedule schedule(String name, JobSubmission.@Nullable Schedule asked) {
        if (asked == null || isEmpty(asked)) {
            return null;
        }
        return new TuningRecipe.Schedule(
                rate(name + ".vectorRate", asked.vectorRate()),
                rate(name + ".weightRate", asked.weightRate()),
                whole(name + ".epochs", asked.epochs(), MOST_EPOCHS),
                whole(name + ".batch", asked.batch(), MOST_WINDOWS),
                whole(name + ".accumulation", asked.accumulation(), MOST_WINDOWS),
                within(name + ".warmUp", asked.warmUp(), 0, BELOW_ONE, "at least 0, below 1"),
                within(name + ".floor", asked.floor(), 0, 1, "0 to 1"));
    }

    private static boolean isEmpty(JobSubmission.Schedule asked) {
        return Stream.of(
                        asked.vectorRate(),
                        asked.weightRate(),
                        asked.epochs(),
                        asked.batch(),
                        asked.accumulation(),
                        asked.warmUp(),
                        asked.floor())
                .allMatch(Objects::isNull);
    }

    private @Nullable Double rate(String name, @Nullable Double value) {
        return within(name, value, 0, 1, "0 to 1");
    }

    private @Nullable Double within(String name, @Nullable Double value, double least, double most, String expected) {
        findings.demand(value == null || (least <= value && value <= most), FIELD + name, value, expected);
        return value;
    }

    private @Nullable Integer whole(String name, @Nullable Integer value, int most) {
        findings.demand(value == null || (1 <= value && value <= most), FIELD + name, value, "1 to " + most);
        return value;
    }

    private void demandAbsence(String name, @Nullable Object value, String when) {
        findings.demand(value == null, FIELD + name, value instanceof Record ? "given" : value, "nothing " + when);
    }

    private static List<String> names(List<Choice> choices) {
        return choices.stream().map(Choice::name).toList();
    }
}
