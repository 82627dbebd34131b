package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Lists jobs. */
@Command(name = "list", description = "Lists jobs, newest first.")
final class ListCommand extends BaseCommand {

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--limit", paramLabel = "N", description = "How many (default: as the server decides).")
    private @Nullable Integer limit;

    @Option(names = "--after", paramLabel = "NEXT", description = "Goes on after a page that ended with this 'next'.")
    private @Nullable String after;

    ListCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        List<String> query = new ArrayList<>();
        if (limit != null) {
            query.add("limit=" + limit);
        }
        if (after != null) {
            query.add("after=" + URLEncoder.encode(after, StandardCharsets.UTF_8));
        }
        JsonNode page = server.client().jobs(query.isEmpty() ? "" : "?" + String.join("&", query));
        terminal().result(page, () -> text(page));
        return 0;
    }

    private static String text(JsonNode page) {
        List<String> lines = new ArrayList<>();
        for (JsonNode job : page.path("jobs")) {
            lines.add("%s  %s %s %s  %s"
                    .formatted(
                            job.path("id").asString(""),
                            Text.column(job.path("state").asString(""), 10),
                            Text.column(job.path("stage").asString(""), 10),
                            Text.column(Text.percent(job.path("fraction").asDouble(0)), 4),
                            job.path("name").asString("")));
        }
        if (page.path("next").isString()) {
            lines.add("more: --after " + page.path("next").asString());
        }
        return lines.isEmpty() ? "no jobs" : String.join(System.lineSeparator(), lines);
    }
}
