package dev.quipforge.cli.device;

import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.ComputeBackends.Survey;
import dev.quipforge.engine.compute.ComputeDevice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** Lists what there is to compute on. */
@Command(
        name = "device",
        description =
                "Lists what there is on this machine to compute on, best first, and why what is missing cannot run.")
public final class DeviceCommand extends BaseCommand {

    private static final int NAME_WIDTH = 10;

    /** The command, speaking to {@code terminal}. */
    public DeviceCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        List<Survey> found = ComputeBackends.survey();
        terminal()
                .result(
                        found.stream().map(DeviceCommand::document).toList(),
                        () -> found.stream().flatMap(DeviceCommand::lines).collect(Collectors.joining("\n")));
        return 0;
    }

    private static Map<String, Object> document(Survey survey) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("backend", survey.backend());
        document.put("devices", survey.devices());
        document.put("problem", survey.problem().orElse(null));
        return document;
    }

    private static Stream<String> lines(Survey survey) {
        return Stream.concat(
                survey.devices().stream().map(DeviceCommand::line),
                survey.problem().stream()
                        .map(problem -> Text.column(survey.backend(), NAME_WIDTH) + "not here: " + problem));
    }

    private static String line(ComputeDevice device) {
        return Text.column(device.name(), NAME_WIDTH) + device.description();
    }
}
