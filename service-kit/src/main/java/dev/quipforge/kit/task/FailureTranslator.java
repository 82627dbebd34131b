package dev.quipforge.kit.task;

import dev.quipforge.contracts.Failure;
import java.util.Optional;

/** Knows what some exceptions of a service mean. Every service may add beans of this type. */
@FunctionalInterface
public interface FailureTranslator {

    /** The failure that the exception stands for; empty when it is not one that this translator knows. */
    Optional<Failure> translate(Throwable thrown);
}
