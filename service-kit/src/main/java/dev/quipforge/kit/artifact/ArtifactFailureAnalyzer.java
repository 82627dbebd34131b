package dev.quipforge.kit.artifact;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in two sentences, and not in a hundred lines, why a service does not start without its store. */
final class ArtifactFailureAnalyzer extends AbstractFailureAnalyzer<ArtifactException> {

    @Override
    protected FailureAnalysis analyze(Throwable root, ArtifactException cause) {
        return new FailureAnalysis(
                "The artifact store cannot be used: " + cause.getMessage(),
                "Check quipforge.artifacts.endpoint, access-key and secret-key, and that the S3 server is up.",
                cause);
    }
}
