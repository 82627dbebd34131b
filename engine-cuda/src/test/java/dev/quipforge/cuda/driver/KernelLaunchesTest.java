package dev.quipforge.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Kernels get what they declare: checked at every launch, and here for every launch in the sources, without a card. */
class KernelLaunchesTest {

    private static final Path PTX = Path.of("src/main/resources/dev/quipforge/cuda/ptx");
    private static final Path SOURCES = Path.of("src/main/java/dev/quipforge/cuda");

    private static final String SAMPLE = """
            .visible .entry first(
            \t.param .u64 first_param_0,
            \t.param .u32 first_param_1,
            \t.param .f32 first_param_2
            )
            .maxntid 256
            {
            \tld.param.u64 %rd1, [first_param_0];
            }
            .visible .entry second()
            {
            }
            """;

    @Test
    void parametersAreReadFromThePtx() {
        assertThat(KernelSignature.ofModule("sample", SAMPLE))
                .containsExactly(
                        Map.entry(
                                "first",
                                new KernelSignature("sample.first", List.of(Long.class, Integer.class, Float.class))),
                        Map.entry("second", new KernelSignature("sample.second", List.of())));
    }

    @Test
    void anIntegerOf32BitsIsNotTakenFor64() {
        KernelSignature kernel = new KernelSignature("sample.first", List.of(Long.class, Integer.class, Float.class));
        kernel.require(7L, 3, 0.5f);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kernel.require(7, 3, 0.5f))
                .withMessage("sample.first: argument 0 of type Integer (expected: Long)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kernel.require(7L, 3))
                .withMessage("sample.first: 2 arguments (expected: 3)");
    }

    @Test
    void aMatrixIsItsAddressAndItsStride() {
        assertThat(Kernels.numbers(7, new DeviceMatrix(64, 2, 3, 5), 0.5f)).containsExactly(7, 64L, 5L, 0.5f);
    }

    @Test
    void everyLaunchGivesItsKernelsWhatTheyDeclareAndEveryKernelIsLaunched() throws IOException {
        List<KernelSignature> declared = declared();
        List<LaunchSites.Site> sites = LaunchSites.in(files(SOURCES, ".java"));
        Set<String> named = sites.stream()
                .flatMap(site -> site.names().stream().map(name -> site.module() + "." + name))
                .collect(Collectors.toSet());
        List<String> wrong = new ArrayList<>();
        Set<String> launched = new HashSet<>();
        for (LaunchSites.Site site : sites) {
            for (String name : site.names()) {
                List<KernelSignature> meant = meant(site.module() + "." + name, declared, named);
                if (meant.isEmpty()) {
                    wrong.add(site.place() + ": no kernel " + site.module() + "." + name);
                }
                for (KernelSignature kernel : meant) {
                    launched.add(kernel.kernel());
                    if (!types(kernel).equals(site.arguments())) {
                        wrong.add(site.place() + ": " + site.arguments() + " (expected by " + kernel.kernel() + ": "
                                + types(kernel) + ")");
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(launched)
                .containsExactlyInAnyOrderElementsOf(
                        declared.stream().map(KernelSignature::kernel).toList());
    }

    /** The kernel of this name; of a pattern all that match it and have no launch of their own. */
    private static List<KernelSignature> meant(String name, List<KernelSignature> declared, Set<String> named) {
        return declared.stream()
                .filter(kernel -> kernel.kernel().equals(name)
                        || (kernel.kernel().matches(name) && !named.contains(kernel.kernel())))
                .toList();
    }

    private static List<String> types(KernelSignature kernel) {
        return kernel.parameters().stream().map(Class::getSimpleName).toList();
    }

    private static List<KernelSignature> declared() throws IOException {
        List<KernelSignature> declared = new ArrayList<>();
        for (Path file : files(PTX, ".ptx")) {
            String module = file.getFileName().toString().replace(".ptx", "");
            String text = new String(Kernels.text(module), StandardCharsets.US_ASCII);
            declared.addAll(KernelSignature.ofModule(module, text).values());
        }
        return declared;
    }

    private static List<Path> files(Path directory, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}
