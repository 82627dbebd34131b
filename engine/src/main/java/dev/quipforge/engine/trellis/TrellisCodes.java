package dev.quipforge.engine.trellis;

import java.util.List;

/** The codes by name. */
public final class TrellisCodes {

    private static final List<TrellisCode> CODES = List.of(
            new ThreeInst(), new OneMad(), Hybrid.standard(), LookupTable.drawn(), new Mcg(), new MulOne(), new Pair());

    private TrellisCodes() {}

    /** The names of all codes. */
    public static List<String> names() {
        return CODES.stream().map(TrellisCode::name).toList();
    }

    /**
     * The code called {@code name}.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static TrellisCode named(String name) {
        return CODES.stream()
                .filter(code -> code.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("code: " + name + " (expected one of: " + names() + ")"));
    }
}
