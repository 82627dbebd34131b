package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TaskResult.ModelPublished;
import dev.quipforge.gateway.cleanup.Intermediates;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.plan.Outcome;
import dev.quipforge.gateway.plan.Planner;
import dev.quipforge.gateway.registry.RegisteredModel;
import dev.quipforge.gateway.registry.Registry;
import dev.quipforge.gateway.request.JobRequest;
import dev.quipforge.gateway.task.TaskQueries;
import java.time.Clock;

/** Enters the models that jobs bring into the registry, and what jobs use while they run. */
final class Registration {

    private final Registry registry;
    private final Intermediates intermediates;
    private final TaskQueries queries;
    private final Clock clock;

    Registration(Registry registry, Intermediates intermediates, TaskQueries queries, Clock clock) {
        this.registry = registry;
        this.intermediates = intermediates;
        this.queries = queries;
        this.clock = clock;
    }

    /** Enters the model that the result speaks of, if it does, and with an original what the job uses from now on. */
    void register(Job job, TaskResult result) {
        if (result instanceof ModelImported imported) {
            registry.add(new RegisteredModel(
                    imported.name(),
                    RegisteredModel.Kind.ORIGINAL,
                    imported.model(),
                    imported.digest(),
                    imported.parameters(),
                    imported.weightBytes(),
                    job.id(),
                    clock.instant()));
            intermediates.use(job.id(), Planner.intermediates(job.request(), imported));
        } else if (result instanceof ModelPublished published) {
            registry.add(quantized(job, published));
        }
    }

    private RegisteredModel quantized(Job job, ModelPublished published) {
        ModelImported original = new Outcome(queries.results(job.id()).values()).imported();
        JobRequest.Recipe recipe = job.request().recipe();
        String checkpoint = published.checkpoint();
        return new RegisteredModel(
                "%s-%s-%s-%dbit%s"
                        .formatted(
                                original.name(),
                                recipe.method(),
                                recipe.code(),
                                recipe.bits(),
                                recipe.overrides() == null ? "" : "-mixed"),
                RegisteredModel.Kind.QUANTIZED,
                checkpoint,
                checkpoint.substring(checkpoint.lastIndexOf('/') + 1),
                original.parameters(),
                published.bytes(),
                job.id(),
                clock.instant());
    }
}
