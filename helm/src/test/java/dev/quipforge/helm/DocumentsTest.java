package dev.quipforge.helm;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.Topics;
import dev.quipforge.contracts.WorkQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents speak of what is there. */
class DocumentsTest {

    private static final Pattern LINK = Pattern.compile("\\[[^]\\[]*]\\(([^()\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    /** A type's name in backticks: two words at least, so that a plain word or a constant is not taken for one. */
    private static final Pattern TYPE = Pattern.compile("`([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)(?:[.#(][^`]*)?`");

    private static final Pattern DECLARATION = Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w+)");
    private static final Pattern ENDPOINT = Pattern.compile("\"((?:GET|POST|DELETE) /api/v1/[^\"]+)\"");
    private static final Pattern MODULE = Pattern.compile("<module>(.+)</module>");
    private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```$");

    @ParameterizedTest
    @MethodSource("documents")
    void everyRelativeLinkLeadsSomewhere(Path document) {
        Set<String> dead = LINK.matcher(prose(document))
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.matches("[a-z]+:.*"))
                .filter(target -> !resolves(document, target))
                .collect(toCollection(TreeSet::new));

        assertThat(dead).as("links of %s", document).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs/ARCHITECTURE.md",
                "docs/messages.md",
                "docs/artifact-format.md",
                "docs/formats.md",
                "docs/algorithms/quip.md",
                "docs/algorithms/quip-sharp.md",
                "docs/algorithms/qtip.md"
            })
    void everyTypeThatIsNamedExists(String document) {
        Set<String> named = TYPE.matcher(Repository.text(document))
                .results()
                .map(type -> type.group(1))
                .collect(toCollection(TreeSet::new));
        assertThat(named).isNotEmpty();

        named.removeAll(typesOfTheProject());
        assertThat(named).as("types in %s", document).isEmpty();
    }

    @Test
    void theStagesOfAJobHaveTheirCodeInTheArchitecture() {
        String table = section(Repository.text("docs/ARCHITECTURE.md"), "Where to find the code of each stage");

        assertThat(Stream.of(
                        "intake",
                        "generate",
                        "calibrate",
                        "quantize",
                        "tune-blocks",
                        "tune-end-to-end",
                        "assemble",
                        "evaluate",
                        "publish"))
                .allSatisfy(stage -> assertThat(table.lines().filter(line -> line.startsWith("| " + stage + " |")))
                        .as(stage)
                        .singleElement()
                        .satisfies(
                                row -> assertThat(LINK.matcher(row).results()).hasSizeGreaterThan(1)));
    }

    @Test
    void everyDecisionIsInTheIndex() throws IOException {
        String index = Repository.text("docs/adr/README.md");
        try (Stream<Path> pages = Files.list(Repository.path("docs/adr"))) {
            assertThat(pages.map(page -> page.getFileName().toString()).filter(name -> name.matches("\\d{4}-.*")))
                    .hasSizeGreaterThan(11)
                    .allSatisfy(name -> assertThat(index).contains("](" + name + ")"));
        }
    }

    @Test
    void everyModuleHasAReadme() {
        assertThat(MODULE.matcher(Repository.text("pom.xml")).results().map(module -> module.group(1)))
                .isNotEmpty()
                .allSatisfy(module ->
                        assertThat(Repository.path(module + "/README.md")).isRegularFile());
    }

    /** The gateway's own test lists its endpoints and fails when the list is wrong. */
    @Test
    void everyEndpointIsInTheApiPage() {
        String tested = Repository.text("gateway/src/test/java/dev/quipforge/gateway/OpenApiTest.java");
        String page = Repository.text("docs/api.md");

        assertThat(ENDPOINT.matcher(tested).results().map(endpoint -> endpoint.group(1)))
                .hasSizeGreaterThan(9)
                .allSatisfy(endpoint -> assertThat(page).contains("`" + endpoint));
    }

    @Test
    void everyMessageIsInTheMessagesPage() {
        String page = Repository.text("docs/messages.md");

        assertThat(Stream.concat(
                        Stream.of(Task.class.getPermittedSubclasses()),
                        Stream.of(TaskEvent.class.getPermittedSubclasses())))
                .hasSizeGreaterThan(11)
                .allSatisfy(message -> assertThat(page).contains("| `" + message.getSimpleName() + "` |"));
        assertThat(Stream.concat(
                        Stream.of(Topics.values()).map(Topics::topic),
                        Stream.of(WorkQueue.values()).map(WorkQueue::topic)))
                .allSatisfy(topic -> assertThat(page).contains("| `" + topic + "` |"));
    }

    @Test
    void theReadmeIsShort() {
        assertThat(Repository.text("README.md").lines().count()).isLessThan(200);
    }

    @Test
    void aDeadLinkAndAMissingHeadingAreFound() {
        Path readme = Repository.path("docs/adr/README.md");

        assertThat(resolves(readme, "0001-how-we-record-decisions.md#decision")).isTrue();
        assertThat(resolves(readme, "0001-how-we-record-decisions.md#nowhere")).isFalse();
        assertThat(resolves(readme, "0000-nothing.md")).isFalse();
    }

    static Stream<Path> documents() {
        return files(".md");
    }

    private static Set<String> typesOfTheProject() {
        return files(".java")
                .flatMap(file -> DECLARATION.matcher(Repository.text(file)).results())
                .map(declaration -> declaration.group(1))
                .collect(toSet());
    }

    /** The files with an ending that belong to the project: not build output, not hidden. */
    private static Stream<Path> files(String ending) {
        try (Stream<Path> files = Files.walk(Repository.ROOT)) {
            return files
                    .filter(file -> file.getFileName().toString().endsWith(ending))
                    .filter(file -> Stream.of("target", ".git", "quipforge-demo")
                            .noneMatch(
                                    folder -> Repository.ROOT.relativize(file).startsWith(folder)
                                            || file.toString().contains("/" + folder + "/")))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean resolves(Path document, String target) {
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
        if (Files.notExists(file)) {
            return false;
        }
        return parts.length == 1 || anchors(file).contains(parts[1]);
    }

    private static Set<String> anchors(Path document) {
        return HEADING.matcher(prose(document))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(toSet());
    }

    private static String prose(Path document) {
        return FENCE.matcher(Repository.text(document)).replaceAll("");
    }

    private static String section(String document, String heading) {
        int start = document.indexOf("## " + heading);
        assertThat(start).as("heading %s", heading).isNotNegative();
        int end = document.indexOf("\n## ", start);
        return document.substring(start, end < 0 ? document.length() : end);
    }
}
