package dev.quipforge.contracts;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The methods a job can ask for, with their codes and options: what the job API checks against and the dashboard shows. The
 * workers check again, by what they can do.
 *
 * @param methods the methods, the default first
 * @param tailBiting ways to find the ends of a trellis sequence, the default first
 * @param transforms orthogonal transforms of both sides, the default first
 * @param mostPasses the most passes of coordinate descent
 * @param tuning what can be tuned after rounding
 * @param calibration what can be calibrated on
 */
public record MethodCatalogue(
        List<Method> methods,
        List<String> tailBiting,
        List<String> transforms,
        int mostPasses,
        TuningCatalogue tuning,
        CalibrationCatalogue calibration) {

    /** The only rounding that passes of coordinate descent can follow, and the default. */
    public static final String LDLQ = "ldlq";

    private static final List<Integer> TWO_TO_FOUR = List.of(2, 3, 4);

    private static final MethodCatalogue STANDARD = new MethodCatalogue(
            List.of(
                    new Method(
                            "qtip",
                            "QTIP: trellis codes",
                            codes("3inst", "1mad", "hyb", "lut", "mcg", "mul1", "pair"),
                            List.of(LDLQ),
                            0),
                    new Method("quip-sharp", "QuIP#: lattice codebooks", codes("e8p"), List.of(LDLQ), 10),
                    new Method(
                            "quip",
                            "QuIP: scalar grids",
                            codes("uniform", "lloyd-max"),
                            List.of(LDLQ, "ldlq-rg", "greedy", "nearest", "stochastic"),
                            0)),
            List.of("seam", "exact"),
            List.of("hadamard", "kronecker"),
            100,
            TuningCatalogue.standard(),
            CalibrationCatalogue.standard());

    public MethodCatalogue {
        methods = List.copyOf(methods);
        tailBiting = List.copyOf(tailBiting);
        transforms = List.copyOf(transforms);
    }

    /**
     * A method.
     *
     * @param name such as {@code qtip}
     * @param title one line for people
     * @param codes its codes, the default first
     * @param roundings ways to round, the default first
     * @param passes passes of coordinate descent where none are asked for
     */
    public record Method(String name, String title, List<Code> codes, List<String> roundings, int passes) {

        public Method {
            codes = List.copyOf(codes);
            roundings = List.copyOf(roundings);
        }

        /** The code of that name. */
        public Optional<Code> code(String name) {
            return codes.stream().filter(code -> code.name().equals(name)).findFirst();
        }
    }

    /**
     * A code.
     *
     * @param name such as {@code 3inst}
     * @param bits bits per weight that it has, ascending
     */
    public record Code(String name, List<Integer> bits) {

        public Code {
            bits = List.copyOf(bits);
        }
    }

    /** What quipforge offers. */
    public static MethodCatalogue standard() {
        return STANDARD;
    }

    /** The method of that name. */
    public Optional<Method> method(String name) {
        return methods.stream().filter(method -> method.name().equals(name)).findFirst();
    }

    /** The method that has a code of that name. */
    public Optional<Method> methodOf(String code) {
        return methods.stream().filter(method -> method.code(code).isPresent()).findFirst();
    }

    private static List<Code> codes(String... names) {
        return Stream.of(names)
                .map(name -> new Code(name, name.equals("pair") ? List.of(2) : TWO_TO_FOUR))
                .toList();
    }
}
