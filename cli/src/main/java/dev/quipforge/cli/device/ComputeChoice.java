package dev.quipforge.cli.device;

import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.ComputeBackends.Survey;
import java.util.Optional;
import java.util.stream.Collectors;

/** Opens what a command computes on, and says in one line what that is and, of a CPU taken for want of better, why. */
public final class ComputeChoice {

    private static final String AUTO = "auto";

    private ComputeChoice() {}

    /** The backend called {@code name}; the caller closes it. */
    public static ComputeBackend open(Terminal terminal, String name) {
        ComputeBackend backend = ComputeBackends.named(name);
        String why = name.equals(AUTO) ? passedOver(backend.name()) : "";
        terminal.remark("computing on " + backend.name() + " (" + backend.description() + ")" + why);
        return backend;
    }

    private static String passedOver(String taken) {
        String reasons = ComputeBackends.survey().stream()
                .takeWhile(survey -> !survey.backend().equals(taken))
                .map(Survey::problem)
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
        return reasons.isEmpty() ? "" : ": " + reasons;
    }
}
