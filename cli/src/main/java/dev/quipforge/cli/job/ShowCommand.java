package dev.quipforge.cli.job;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Shows one job. */
@Command(name = "show", description = "Shows a job and its stages.")
final class ShowCommand extends OneJobCommand {

    @Option(names = "--tasks", description = "Shows its tasks instead.")
    private boolean tasks;

    ShowCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        JobClient client = client();
        JsonNode document = tasks ? client.tasks(job()) : client.job(job());
        terminal().result(document, () -> tasks ? tasks(document) : text(document));
        return 0;
    }

    private static String text(JsonNode job) {
        List<String> lines = new ArrayList<>();
        lines.add("%s  %s  %s"
                .formatted(
                        job.path("id").asString(""),
                        job.path("state").asString(""),
                        job.path("name").asString("")));
        for (JsonNode stage : job.path("stages")) {
            lines.add("  %s %s %s %d/%d %s"
                    .formatted(
                            Text.column(stage.path("stage").asString(""), 10),
                            Text.column(stage.path("state").asString(""), 10),
                            Text.column(Text.percent(stage.path("fraction").asDouble(0)), 4),
                            stage.path("done").asInt(0),
                            stage.path("total").asInt(0),
                            seconds(stage)));
        }
        if (job.path("failure").isObject()) {
            lines.add(JobWatch.failure(job));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String tasks(JsonNode document) {
        List<String> lines = new ArrayList<>();
        for (JsonNode task : document.path("tasks")) {
            lines.add("%s %s %s %s"
                    .formatted(
                            Text.column(task.path("state").asString(""), 10),
                            Text.column(Text.percent(task.path("fraction").asDouble(0)), 4),
                            Text.column(task.path("label").asString(""), 34),
                            seconds(task)));
        }
        return lines.isEmpty() ? "no tasks" : String.join(System.lineSeparator(), lines);
    }

    private static String seconds(JsonNode node) {
        return node.path("seconds").isNumber()
                ? Text.duration(node.path("seconds").asDouble())
                : "";
    }
}
