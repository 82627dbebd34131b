package dev.quipforge.cli.job;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.client.JobEvents;
import dev.quipforge.cli.terminal.ProgressView;
import dev.quipforge.cli.terminal.ProgressView.Bar;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Follows a job to its end and shows how far each stage has come. */
public final class JobWatch {

    private static final Set<String> LAST = Set.of("SUCCEEDED", "FAILED", "CANCELLED");

    /** Between two looks at the job there is at least the one and, when nothing is heard of it, at most the other. */
    private static final Duration SHORTEST = Duration.ofMillis(300);

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final JobClient client;
    private final Terminal terminal;

    /** A watch on jobs of {@code client}. */
    public JobWatch(JobClient client, Terminal terminal) {
        this.client = client;
        this.terminal = terminal;
    }

    /** Returns the job as it is when it has ended. */
    public JsonNode untilEnd(String id) throws InterruptedException {
        ProgressView view = new ProgressView(terminal);
        try (JobEvents events = new JobEvents(client, id)) {
            while (true) {
                JsonNode job = client.job(id);
                view.show(bars(job));
                if (LAST.contains(job.path("state").asString(""))) {
                    return job;
                }
                Thread.sleep(SHORTEST);
                events.await(LONGEST);
            }
        }
    }

    /** One line on why a job did not succeed. */
    public static String failure(JsonNode job) {
        JsonNode failure = job.path("failure");
        String state = job.path("state").asString("").toLowerCase(Locale.ROOT);
        String what = "job " + job.path("id").asString("") + " " + state;
        if (!failure.isObject()) {
            return what;
        }
        String place = failure.path("place").asString("");
        String message = failure.path("message").asString("");
        return what + " in " + failure.path("task").asString("") + ": "
                + (place.isEmpty() || message.contains(place) ? "" : place + ": ") + message;
    }

    private static List<Bar> bars(JsonNode job) {
        List<Bar> bars = new ArrayList<>();
        for (JsonNode stage : job.path("stages")) {
            String state = stage.path("state").asString("").toLowerCase(Locale.ROOT);
            bars.add(new Bar(
                    stage.path("stage").asString(""),
                    state,
                    stage.path("fraction").asDouble(0),
                    remark(stage, state)));
        }
        return bars;
    }

    private static String remark(JsonNode stage, String state) {
        String tasks = stage.path("total").asInt(0) == 0
                ? ""
                : "%d/%d"
                        .formatted(
                                stage.path("done").asInt(0), stage.path("total").asInt(0));
        String time = switch (state) {
            case "running" ->
                stage.path("etaSeconds").isNumber()
                        ? "ETA " + Text.duration(stage.path("etaSeconds").asDouble(0))
                        : "";
            case "succeeded" ->
                stage.path("seconds").isNumber()
                        ? Text.duration(stage.path("seconds").asDouble(0))
                        : "";
            default -> "";
        };
        return (tasks + "  " + time).strip();
    }
}
