package dev.quipforge.selftest;

import dev.quipforge.engine.compute.BackendUnavailableException;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Holds a device against the definition: {@code java -jar quipforge-selftest.jar [device [part …]]}, parts being those of
 * {@link DeviceSuite}. The last line it prints is {@code passed: 401, failed: 0, skipped: 0}; the exit code is 0 when nothing
 * failed.
 */
public final class Selftest {

    private Selftest() {}

    /** Runs the suite on the device that the argument names, {@code auto} when there is none. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<String> parts = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
        System.exit(run(arguments.length == 0 ? "auto" : arguments[0], parts, out) ? 0 : 1);
    }

    private static boolean run(String device, List<String> parts, PrintStream out) {
        try (ComputeBackend backend = ComputeBackends.named(device)) {
            out.println("device: " + backend.name() + ", " + backend.description());
            DeviceSuite.on(backend);
            Outcome outcome = new Outcome(out);
            LauncherFactory.create().execute(suite(backend, parts), outcome);
            out.println(outcome);
            return outcome.failed == 0;
        } catch (BackendUnavailableException e) {
            out.println("problem: " + e.getMessage());
            return false;
        }
    }

    private static LauncherDiscoveryRequest suite(ComputeBackend backend, List<String> parts) {
        List<Class<?>> classes = new ArrayList<>(parts.isEmpty() ? List.of(DeviceSuite.class) : named(parts));
        if (backend.name().equals("cuda") && parts.isEmpty()) {
            classes.add(LargeShapesSuite.class);
        }
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(classes.stream().map(DiscoverySelectors::selectClass).toList())
                .build();
    }

    private static List<Class<?>> named(List<String> parts) {
        return Stream.concat(Stream.of(DeviceSuite.class.getDeclaredClasses()), Stream.of(LargeShapesSuite.class))
                .filter(part -> parts.contains(part.getSimpleName()))
                .toList();
    }

    private static final class Outcome implements TestExecutionListener {

        private final PrintStream out;
        private int passed;
        private int failed;
        private int skipped;

        Outcome(PrintStream out) {
            this.out = out;
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            skipped++;
            out.println("skipped: " + name(test) + ": " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == Status.SUCCESSFUL) {
                passed += test.isTest() ? 1 : 0;
                return;
            }
            String reason = result.getThrowable().map(Throwable::toString).orElse("");
            boolean aborted = result.getStatus() == Status.ABORTED;
            skipped += aborted ? 1 : 0;
            failed += aborted ? 0 : 1;
            out.println((aborted ? "skipped: " : "failed: ") + name(test) + ": "
                    + reason.strip().replaceAll("\\s+", " "));
        }

        private static String name(TestIdentifier test) {
            return test.getUniqueId().replaceFirst(".*?\\[class:[^]]*?([^.\\]]+)]", "$1");
        }

        @Override
        public String toString() {
            return "passed: " + passed + ", failed: " + failed + ", skipped: " + skipped;
        }
    }
}
