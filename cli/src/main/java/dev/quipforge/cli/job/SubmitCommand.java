package dev.quipforge.cli.job;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Submits a job. */
@Command(
        name = "submit",
        description = "Submits a job. Paths are those of the server; what is not given is left to its defaults.")
final class SubmitCommand extends BaseCommand {

    @Mixin
    private ServerOption server = new ServerOption();

    @ArgGroup(exclusive = false, heading = "The job%n")
    private SubmittedJob job = new SubmittedJob();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Takes the whole request from a JSON file; - is stdin.")
    private @Nullable Path file;

    @Option(names = "--wait", description = "Follows the job to its end, as 'job watch' does.")
    private boolean wait;

    SubmitCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws IOException, InterruptedException {
        JsonNode request = file == null ? job.request() : read(file);
        JobClient client = server.client();
        JsonNode submitted = client.submit(request);
        String id = submitted.path("id").asString("");
        if (!wait) {
            terminal().result(submitted, () -> id);
            return 0;
        }
        terminal().remark("job " + id);
        return WatchCommand.end(new JobWatch(client, terminal()).untilEnd(id), terminal());
    }

    private static JsonNode read(Path file) throws IOException {
        try {
            String text = file.toString().equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(file);
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException e) {
            throw new CommandFailure(file + ": is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
