package dev.quipforge.kit.task;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The jobs that nobody wants any more. It forgets the oldest when it has heard of very many. */
final class CancelledJobs {

    private static final int REMEMBERED = 10_000;

    private final Set<UUID> jobs = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }));

    void add(UUID job) {
        jobs.add(job);
    }

    boolean contains(UUID job) {
        return jobs.contains(job);
    }
}
