package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.ModelBenchmark;
import dev.quipforge.benchmarks.ModelShape;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what a block of a large model takes in every step of a quantization. */
@Command(
        name = "model",
        description = {
            "Measures what the blocks of a large model take in every step of a quantization, and extrapolates the whole model.",
            "",
            "A few blocks of the shape are made with random weights. Prints for each of them the seconds of calibration, of"
                    + " the reduction to Hessians, of quantization (of that the encoder's), of one epoch of tuning after the"
                    + " first group on 18 windows, and of evaluation, with the most bytes in use meanwhile: deviceBytes of the"
                    + " backend, heapBytes of the Java heap with its garbage, residentBytes of this process without files"
                    + " (heap, direct memory, libraries); diskBytes are of the files that the step made. Then what the whole model would"
                    + " take, by multiplication, which is not measured.",
            ""
        })
final class ModelCommand extends MeasuringCommand {

    @Option(
            names = "--shape",
            paramLabel = "SHAPE",
            description = "demo, llama-3-8b, llama-3-70b, qwen3-30b-a3b or deepseek-v3 (default: llama-3-8b on a card,"
                    + " demo on the CPU).")
    private @Nullable String shape;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the model is made; removed afterwards (default: the directory of temporary files).")
    private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(
            names = "--blocks",
            paramLabel = "N",
            defaultValue = "2",
            description = "Blocks that are made and measured (default: ${DEFAULT-VALUE}).")
    private int blocks;

    @Option(
            names = "--experts",
            paramLabel = "N",
            defaultValue = "0",
            description = "Experts of a block that are made, which are extrapolated then too; 0 for all (default:"
                    + " ${DEFAULT-VALUE}).")
    private int experts;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "64",
            description = "Windows of calibration and evaluation (default: ${DEFAULT-VALUE}, a shard of a job).")
    private int windows;

    @Option(
            names = "--sequence-length",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens of a window (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(
            names = "--code",
            paramLabel = "CODE",
            defaultValue = "3inst",
            description = "A code of QTIP (default: ${DEFAULT-VALUE}).")
    private String code = "";

    @Option(
            names = "--bits",
            paramLabel = "BITS",
            defaultValue = "2",
            description = "Bits per weight (default: ${DEFAULT-VALUE}).")
    private int bits;

    @Option(
            names = "--end-to-end",
            description = "Tunes the made blocks end to end as well, two steps of 8 windows with their validations.")
    private boolean endToEnd;

    ModelCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) throws IOException {
        String usual = bench.onCard() ? ModelShape.LLAMA_3_8B : ModelShape.DEMO;
        return ModelBenchmark.run(
                bench,
                new ModelBenchmark.Settings(
                        ModelShape.of(shape == null ? usual : shape),
                        new ModelBenchmark.Made(directory, blocks, experts),
                        windows,
                        length,
                        QuantizationConfig.of(QuantizationNames.code(code), bits, 0),
                        endToEnd));
    }
}
