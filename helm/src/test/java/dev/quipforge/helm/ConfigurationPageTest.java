package dev.quipforge.helm;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} lists the settings that exist, no more and no less. */
class ConfigurationPageTest {

    private static final Pattern TABLE =
            Pattern.compile("(?s)<!-- generated from the metadata -->\n(.*?)<!-- end of the generated part -->");

    @Test
    void theTableIsThatOfTheMetadata() throws IOException {
        String expected = table();
        Path draft =
                Files.writeString(Files.createDirectories(Path.of("target")).resolve("settings.md"), expected);

        Matcher table = TABLE.matcher(Repository.text("docs/configuration.md"));

        assertThat(table.find()).as("markers in docs/configuration.md").isTrue();
        assertThat(table.group(1))
                .as("the generated part of docs/configuration.md; what it should be is in %s", draft.toAbsolutePath())
                .isEqualTo(expected);
    }

    @Test
    void everySettingSaysWhatItMeans() throws IOException {
        assertThat(Settings.read().ours())
                .isNotEmpty()
                .allSatisfy(setting ->
                        assertThat(setting.description()).as(setting.name()).isNotBlank());
    }

    private static String table() throws IOException {
        return """
                | setting | default | meaning | environment variable |
                | --- | --- | --- | --- |
                """
                + Settings.read().ours().stream()
                        .map(ConfigurationPageTest::row)
                        .collect(joining());
    }

    private static String row(Settings.Setting setting) {
        String value = setting.defaultValue() == null || setting.defaultValue().isEmpty()
                ? ""
                : "`" + setting.defaultValue() + "`";
        return "| `%s` | %s | %s | `%s` |%n"
                .formatted(setting.name(), value, markdown(setting.description()), setting.variable());
    }

    private static String markdown(String javadoc) {
        return javadoc.replaceAll("\\{@(?:code|link) ([^}]*)}", "`$1`")
                .replace("|", "\\|")
                .strip();
    }
}
