package dev.quipforge.kit.task;

import java.util.List;
import java.util.stream.Stream;

/**
 * What the runners of a process have in common.
 *
 * @param shared handlers that need no device
 * @param reporting how the process reports
 * @param cancelled what nobody wants any more
 * @param failures what an exception means
 * @param metrics counts the tasks of all
 */
record TaskRunners(
        List<TaskHandler<?>> shared,
        TaskRun.Reporting reporting,
        CancelledJobs cancelled,
        Failures failures,
        TaskMetrics metrics) {

    /** The runner of the only worker. */
    TaskRunner only(List<TaskHandler<?>> own) {
        return runner(own, reporting);
    }

    /** The runner of one of several workers, which reports under the name of its device. */
    TaskRunner oneOfSeveral(String device, List<TaskHandler<?>> own) {
        return runner(own, reporting.by(reporting.worker() + "/" + device));
    }

    private TaskRunner runner(List<TaskHandler<?>> own, TaskRun.Reporting reports) {
        List<TaskHandler<?>> all = Stream.concat(own.stream(), shared.stream()).toList();
        return new TaskRunner(all, reports, cancelled, failures, metrics);
    }
}
