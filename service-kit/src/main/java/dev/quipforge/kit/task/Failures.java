package dev.quipforge.kit.task;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.Failure.Code;
import dev.quipforge.kit.artifact.ArtifactException;
import dev.quipforge.kit.artifact.DiskSpaceException;
import java.util.List;
import java.util.Optional;

/** What is reported for an exception that a handler threw. */
final class Failures {

    private final List<FailureTranslator> translators;

    /** Asks the services' translators first, in order. */
    Failures(List<FailureTranslator> translators) {
        this.translators = List.copyOf(translators);
    }

    Failure of(Throwable thrown) {
        return translators.stream()
                .map(translator -> translator.translate(thrown))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseGet(() -> known(thrown));
    }

    private static Failure known(Throwable thrown) {
        return switch (thrown) {
            case TaskFaultException fault -> fault.failure();
            case ArtifactException e -> new Failure(Code.ARTIFACT_UNAVAILABLE, e.key(), sentence(e));
            case DiskSpaceException e -> new Failure(Code.OUT_OF_DISK, e.directory(), sentence(e));
            case OutOfMemoryError e -> new Failure(Code.OUT_OF_MEMORY, null, "memory ran out: " + sentence(e));
            default -> new Failure(Code.INTERNAL, null, thrown.getClass().getSimpleName() + ": " + sentence(thrown));
        };
    }

    private static String sentence(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? "no message" : message;
    }
}
