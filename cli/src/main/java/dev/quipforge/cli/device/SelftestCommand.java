package dev.quipforge.cli.device;

import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the contract suite on a device. */
@Command(
        name = "selftest",
        description =
                "Holds every operation of a device against its definition, and a model of each family against its reference.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:all passed", "1:something failed, or the device cannot run here"})
public final class SelftestCommand extends BaseCommand {

    private static final Pattern OUTCOME = Pattern.compile("passed: (\\d+), failed: (\\d+), skipped: (\\d+)");
    private static final Pattern DEVICE = Pattern.compile("device: (.*)");
    private static final Pattern PROBLEM = Pattern.compile("problem: (.*)");

    @Option(
            names = {"--device", "--backend"},
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, cuda, cuda:1 for the second GPU, vector or scalar (default: ${DEFAULT-VALUE}).")
    private String device = "";

    /** The command, speaking to {@code terminal}. */
    public SelftestCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-jar",
                        jar().toString(),
                        device)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Map<String, Object> document = new LinkedHashMap<>();
        try (BufferedReader lines = process.inputReader()) {
            lines.lines().forEach(line -> read(line, document));
        }
        int code = process.waitFor();
        if (!document.containsKey("passed")) {
            throw new CommandFailure(document.getOrDefault("problem", "the suite ended with code " + code)
                    .toString());
        }
        terminal()
                .result(
                        document,
                        () -> "%s%npassed: %s, failed: %s, skipped: %s"
                                .formatted(
                                        document.get("device"),
                                        document.get("passed"),
                                        document.get("failed"),
                                        document.get("skipped")));
        return code == 0 ? 0 : CommandFailure.FAILED;
    }

    private void read(String line, Map<String, Object> document) {
        Matcher outcome = OUTCOME.matcher(line);
        Matcher named = DEVICE.matcher(line);
        Matcher problem = PROBLEM.matcher(line);
        if (outcome.matches()) {
            List<String> keys = List.of("passed", "failed", "skipped");
            for (int i = 0; i < keys.size(); i++) {
                document.put(keys.get(i), Integer.parseInt(outcome.group(i + 1)));
            }
        } else if (named.matches()) {
            document.put("device", named.group(1));
        } else if (problem.matches()) {
            document.put("problem", problem.group(1));
        } else {
            terminal().remark(line);
        }
    }

    private static Path jar() {
        String home = System.getProperty("quipforge.home", "");
        Path jar = Path.of(home, "selftest", "target", "quipforge-selftest.jar");
        if (home.isEmpty() || !Files.exists(jar)) {
            throw new CommandFailure(jar.toAbsolutePath() + ": not there (expected: built by ./quipforge)");
        }
        return jar;
    }
}
