package dev.quipforge.benchmarks;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The yardstick of the encoder in C: {@code viterbi.c}, compiled and run where there is a gcc. */
final class CProgram {

    /** How it is compiled. */
    static final List<String> COMPILE = List.of("gcc", "-O3", "-march=native");

    private static final String SOURCE = "viterbi.c";

    private CProgram() {}

    /**
     * What the program measured.
     *
     * @param secondsPerSequence the median over the sequences
     * @param squaredError mean squared error, in units of the code
     */
    record Measured(double secondsPerSequence, double squaredError) {}

    /**
     * Runs it on one thread.
     *
     * @param table the values of 2^16 states
     * @param sequences sequences of 256 weights
     * @return nothing where the machine has no gcc
     */
    static Optional<Measured> run(float[] table, List<float[]> sequences) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("quipforge-viterbi");
        Path source = folder.resolve(SOURCE);
        Path program = folder.resolve("viterbi");
        try {
            try (InputStream text = CProgram.class.getResourceAsStream(SOURCE)) {
                Files.copy(Objects.requireNonNull(text, SOURCE), source);
            }
            return compile(source, program) ? Optional.of(parse(execute(program, table, sequences))) : Optional.empty();
        } finally {
            Files.deleteIfExists(program);
            Files.deleteIfExists(source);
            Files.deleteIfExists(folder);
        }
    }

    private static boolean compile(Path source, Path program) throws IOException, InterruptedException {
        Process gcc;
        try {
            List<String> command = new ArrayList<>(COMPILE);
            command.addAll(List.of("-o", program.toString(), source.toString()));
            gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException _) {
            // there is none
            return false;
        }
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (gcc.waitFor() != 0) {
            throw new IOException("gcc does not compile " + SOURCE + ": "
                    + said.lines().findFirst().orElse("no reason"));
        }
        return true;
    }

    private static String execute(Path program, float[] table, List<float[]> sequences)
            throws IOException, InterruptedException {
        Process viterbi = new ProcessBuilder(program.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (OutputStream input = viterbi.getOutputStream();
                DataOutputStream data = new DataOutputStream(input)) {
            ByteBuffer count = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
            data.write(count.putInt(sequences.size()).array());
            data.write(bytes(table));
            for (float[] sequence : sequences) {
                data.write(bytes(sequence));
            }
        }
        String answer = new String(viterbi.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = viterbi.waitFor();
        if (code != 0) {
            throw new IOException(SOURCE + ": exit code " + code + " (expected: 0)");
        }
        return answer;
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    private static Measured parse(String answer) throws IOException {
        String[] numbers = answer.strip().split(" ", -1);
        if (numbers.length != 2) {
            throw new IOException(SOURCE + ": " + answer.strip() + " (expected: two numbers)");
        }
        return new Measured(Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
    }
}
