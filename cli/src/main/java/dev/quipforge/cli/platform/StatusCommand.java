package dev.quipforge.cli.platform;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** Says whether the standalone runs, where, and how well. */
@Command(
        name = "status",
        description = "Says whether the platform runs on this machine, where, and how well.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:it is up", "1:it is up and not well, or starting", "3:it is down"})
public final class StatusCommand extends BaseCommand {

    @Mixin
    private DataOption data = new DataOption();

    /** The command, speaking to {@code terminal}. */
    public StatusCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        Optional<RunningStandalone> running = RunningStandalone.find(data.path());
        if (running.isEmpty()) {
            terminal()
                    .result(
                            Map.of("state", "down", "data", data.path().toString()),
                            () -> "quipforge is down (data " + data.path() + ")");
            return CommandFailure.DOWN;
        }
        return say(running.get());
    }

    private int say(RunningStandalone standalone) {
        Map<String, Object> document = new LinkedHashMap<>();
        Map<String, String> health = standalone.url().map(StatusCommand::health).orElseGet(Map::of);
        boolean well = standalone.url().isPresent() && health.values().stream().allMatch("UP"::equals);
        long bytes = ResidentMemory.of(standalone);
        document.put("state", standalone.url().isPresent() ? "up" : "starting");
        document.put("pid", standalone.process().pid());
        document.put("url", standalone.url().map(URI::toString).orElse(null));
        document.put("data", standalone.data().toString());
        document.put("residentBytes", bytes);
        document.put("health", health);
        terminal()
                .result(
                        document,
                        () -> "quipforge is %s: %s%npid %d, %s resident, data %s%n%s"
                                .formatted(
                                        document.get("state"),
                                        standalone.url().map(URI::toString).orElse("no address yet"),
                                        standalone.process().pid(),
                                        Text.bytes(bytes),
                                        standalone.data(),
                                        text(health)));
        return well ? 0 : CommandFailure.FAILED;
    }

    private static String text(Map<String, String> health) {
        StringBuilder lines = new StringBuilder();
        health.forEach((part, state) ->
                lines.append(Text.column(part, 20)).append(state).append(System.lineSeparator()));
        return lines.toString().strip();
    }

    private static Map<String, String> health(URI url) {
        Map<String, String> parts = new LinkedHashMap<>();
        try {
            JsonNode health = new JobClient(url).health();
            parts.put("gateway", health.path("status").asString("UNKNOWN"));
            health.path("components")
                    .propertyStream()
                    .forEach(part -> parts.put(
                            part.getKey(), part.getValue().path("status").asString("UNKNOWN")));
        } catch (CommandFailure e) {
            parts.put("gateway", "DOWN (" + e.getMessage() + ")");
        }
        return parts;
    }
}
