package dev.quipforge.cli.local;

import dev.quipforge.cli.device.BackendOption;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.evaluation.Perplexity;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.tokenizer.Tokenizer;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the perplexity of a model in this process. */
@Command(
        name = "perplexity",
        description =
                "Measures the perplexity of a Hugging Face directory, original or quantized here, on a text: non-overlapping"
                        + " windows, tokens 2 to the last of each. Windows begin with the special tokens, if any, that the"
                        + " tokenizer puts before a text.")
public final class PerplexityCommand extends BaseCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A Hugging Face directory.")
    private Path model = Path.of("");

    @Option(names = "--text", paramLabel = "FILE", required = true, description = "A UTF-8 text.")
    private Path text = Path.of("");

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of one window (default: ${DEFAULT-VALUE}).")
    private int window;

    @Option(
            names = "--no-special-tokens",
            description = "Windows of the bare text, as published figures are mostly measured.")
    private boolean noSpecialTokens;

    @Mixin
    private BackendOption backend = new BackendOption();

    /** The command, speaking to {@code terminal}. */
    public PerplexityCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        String content = TextFiles.read("--text", text);
        Progress progress = new StageBars(terminal(), System::nanoTime).begin("perplexity");
        try (ModelDirectory directory = ModelDirectory.open(model);
                ComputeBackend compute = backend.open(terminal())) {
            TextWindows windows = windows(directory.tokenizer(), content);
            Perplexity measured = Perplexity.measure(compute, directory, windows, progress);
            terminal()
                    .result(
                            measured,
                            () -> "perplexity %s (%d tokens in %d windows of %d%s)"
                                    .formatted(
                                            Text.number(measured.perplexity(), 4),
                                            measured.tokens(),
                                            measured.windows(),
                                            measured.window(),
                                            specialTokens(measured)));
        }
        return 0;
    }

    private TextWindows windows(Tokenizer tokenizer, String content) {
        return noSpecialTokens
                ? TextWindows.withoutSpecialTokens(tokenizer, content, window, text.toString())
                : TextWindows.cut(tokenizer, content, window, text.toString());
    }

    private static String specialTokens(Perplexity measured) {
        return measured.specialTokens() == 0 ? "" : ", special tokens before each: " + measured.specialTokens();
    }
}
