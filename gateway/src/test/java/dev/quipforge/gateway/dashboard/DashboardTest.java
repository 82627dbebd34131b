package dev.quipforge.gateway.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.CalibrationCatalogue;
import dev.quipforge.contracts.Choice;
import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.MethodCatalogue;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TuningCatalogue;
import dev.quipforge.gateway.Eventually;
import dev.quipforge.gateway.Http;
import dev.quipforge.gateway.Submissions;
import dev.quipforge.gateway.TestPlatform;
import dev.quipforge.gateway.Workers;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.Digests;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import tools.jackson.databind.JsonNode;

/** The web page in a real browser. */
class DashboardTest {

    private static final Path BROWSER = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

    @TempDir
    private static Path profile;

    private static ChromeDriver browser;

    private final Http http = new Http();

    @BeforeAll
    static void startBrowser() {
        Assumptions.assumeTrue(
                Files.isExecutable(BROWSER) && Files.isExecutable(DRIVER),
                "no browser: install chromium and chromium-driver to test the dashboard");
        System.setProperty("webdriver.chrome.driver", DRIVER.toString());
        ChromeOptions options = new ChromeOptions();
        options.setBinary(BROWSER.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--window-size=1280,1000",
                "--user-data-dir=" + profile);
        browser = new ChromeDriver(options);
        browser.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(60));
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.quit();
        }
    }

    @Test
    void aJobCanBeWatchedFromTheListToItsFiles() {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), DashboardTest::publishForReal)) {
            String name = "watched " + System.nanoTime();
            http.post("/api/v1/jobs", Submissions.FULL.replace("demo at 2 bits", name));

            browser.get(TestPlatform.address() + "/");
            click(By.linkText(name));

            text("Stages", text -> text.contains("quantize") && text.contains("8 of 8"));
            text("Report", text -> text.contains("19.09 → 36.10") && text.contains("2.020"));
            text("Tasks", text -> text.contains("quantize block 1 mlp-down") && text.contains("succeeded"));
            text("Files", text -> text.contains("model.safetensors"));
            assertThat(browser.getTitle()).isEqualTo(name + " · quipforge");
            assertThat(browser.findElement(By.cssSelector("progress[aria-label='Progress of the job']"))
                            .getDomProperty("value"))
                    .isEqualTo("100");
            assertThat(browser.findElements(By.id("cancel"))).isEmpty();
        }
    }

    @Test
    void whatTuningDidIsDrawn() {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), DashboardTest::publishForReal)) {
            open(submit(Submissions.TUNED));

            text("Stages", text -> text.contains("tune-blocks") && text.contains("tune-end-to-end"));
            text("Tuning", text -> text.contains("0.6200") && text.contains("0.3100") && text.contains("50.0 %"));
            assertThat(browser.findElement(By.tagName("main")).getText()).contains("tuned: blocks+end-to-end (fast)");
            click(By.cssSelector("section[aria-label='Tuning'] summary"));
            text("Tuning", text -> text.contains("block 1, mlp-down"));
            List<WebElement> curves = browser.findElements(By.cssSelector("svg.curve"));
            assertThat(curves).hasSize(9);
            assertThat(curves.getFirst().getDomAttribute("aria-label"))
                    .isEqualTo("Loss of model: 0.6200, 0.4650, 0.3100, 0.6200");
            assertThat(curves.getFirst().findElement(By.tagName("polyline")).getDomAttribute("points"))
                    .isEqualTo("4.0,4.0 81.3,30.0 158.7,56.0 236.0,4.0");
            assertThat(curves.getFirst().findElement(By.tagName("circle")).getDomAttribute("cx"))
                    .isEqualTo("158.7");
            assertThat(curves.getFirst().getSize().height).isPositive();
        }
    }

    @Test
    void theExpertsOfABlockAreFoldedUntilSomebodyAsks() {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), DashboardTest::publishForReal)) {
            open(submit(Submissions.MIXTURE));

            text(
                    "Experts",
                    text -> text.contains("Block 1: 4 experts, tokens 0 to 300, median 200; 2 filled up")
                            && text.contains("no token (block/expert), rounded with the Hessian of all: 0/0, 1/0")
                            && !text.contains("25.0 %"));
            click(By.cssSelector("section[aria-label='Experts'] details:last-of-type summary"));
            text("Experts", text -> text.contains("1 100 25.0 % 2.020 0.03000"));
            assertThat(browser.findElements(By.cssSelector("section[aria-label='Experts'] table")))
                    .hasSize(1);
        }
    }

    @Test
    void tasksOfAJobThatHasManyComeInPages() {
        try (Workers _ = new Workers(
                TestPlatform.shared().brokers(),
                command -> command.work() instanceof ImportModel
                        ? Workers.succeed(command)
                        : List.of(Workers.started(command)))) {
            String id = submit(Submissions.DEEP);
            open(id);

            text("Running", text -> text.contains("calibrate samples 64 to 99") && !text.contains("block 5 "));
            text(
                    "Tasks",
                    text -> text.contains("reduce the Hessians of block 99") && !text.contains("quantize block 90 "));
            click(By.id("later"));
            text("Tasks", text -> text.contains("quantize block 50 mlp-in") && !text.contains("reduce the"));
            click(By.id("later"));
            text("Tasks", text -> text.contains("publish the model"));
            assertThat(browser.findElement(By.id("later")).isEnabled()).isFalse();
            click(By.id("earlier"));
            text("Tasks", text -> text.contains("quantize block 50 mlp-in"));
            http.delete("/api/v1/jobs/" + id);
        }
    }

    @Test
    void aFailureIsShownAndNothingItSaysBecomesMarkup() {
        String evil = "<img src=x onerror=alert(1)>";
        try (Workers _ = new Workers(
                TestPlatform.shared().brokers(), command -> List.of(Workers.started(command), failed(command, evil)))) {
            open(submit(Submissions.FULL.replace("demo at 2 bits", evil)));

            String shown = Eventually.get(
                    () -> browser.findElements(By.cssSelector("[role=alert]")).stream()
                            .map(WebElement::getText)
                            .findFirst()
                            .orElse(""),
                    text -> text.contains("import the model"));

            assertThat(shown).contains(evil, "config.json", "INVALID_INPUT in stage intake");
            assertThat(browser.findElement(By.tagName("h1")).getText()).isEqualTo(evil);
            assertThat(browser.findElements(By.tagName("img"))).isEmpty();
        }
    }

    @Test
    void everyMethodAndCodeIsAChoiceOfTheForm() {
        browser.get(TestPlatform.address() + "/#/new");
        Eventually.get(() -> browser.findElements(By.id("submit")).size(), buttons -> buttons == 1);
        for (MethodCatalogue.Method method : MethodCatalogue.standard().methods()) {
            choose("method", method.name());
            for (MethodCatalogue.Code code : method.codes()) {
                choose("code", code.name());
                assertThat(choices("bits"))
                        .containsExactlyElementsOf(
                                code.bits().stream().map(String::valueOf).toList());
            }
            assertThat(choices("rounding")).isEqualTo(method.roundings());
        }
    }

    @Test
    void everyTuningIsAChoiceThatSaysWhatItCosts() {
        browser.get(TestPlatform.address() + "/#/new");
        Eventually.get(() -> browser.findElements(By.id("submit")).size(), buttons -> buttons == 1);
        TuningCatalogue catalogue = TuningCatalogue.standard();
        for (Choice mode : catalogue.modes()) {
            choose("tuning", mode.name());
            assertThat(browser.findElement(By.id("cost")).getText()).contains(mode.cost());
            assertThat(browser.findElement(By.name("preset")).isEnabled())
                    .isEqualTo(!mode.name().equals(TuningCatalogue.NONE));
        }
        for (Choice preset : catalogue.presets()) {
            choose("preset", preset.name());
            assertThat(browser.findElement(By.id("cost")).getText()).endsWith(preset.cost());
        }
    }

    @Test
    void aJobOfTheFormNeedsNoText() {
        browser.get(TestPlatform.address() + "/#/new");
        Eventually.get(() -> browser.findElements(By.id("submit")).size(), buttons -> buttons == 1);
        for (Choice source : CalibrationCatalogue.standard().sources()) {
            choose("source", source.name());
            assertThat(browser.findElement(By.id("source-cost")).getText()).isEqualTo(source.cost());
            assertThat(browser.findElement(By.name("calibration")).isEnabled())
                    .isEqualTo(source.name().equals(CalibrationCatalogue.TEXT));
        }
        type("model", TestPlatform.ROOT + "/self-generated");
        click(By.id("submit"));

        Eventually.get(browser::getCurrentUrl, url -> url.contains("#/jobs/"));
        Eventually.get(
                () -> browser.findElement(By.tagName("main")).getText(),
                text -> text.contains("calibration: self-generated"));
        String id = browser.getCurrentUrl().replaceAll(".*/", "");
        JsonNode calibration = http.get("/api/v1/jobs/" + id).json().at("/request/recipe/calibration");
        assertThat(calibration.get("source").asString()).isEqualTo("self-generated");
        assertThat(calibration.get("text").isNull()).isTrue();
    }

    @Test
    void aJobCanBeSubmittedFromTheForm() {
        browser.get(TestPlatform.address() + "/#/new");
        Eventually.get(() -> browser.findElements(By.id("submit")).size(), buttons -> buttons == 1);
        choose("method", "quip-sharp");
        choose("bits", "3");
        choose("tuning", "blocks");
        choose("preset", "fast");
        type("model", "/etc");
        type("calibration", TestPlatform.ROOT + "/calibration.txt");
        click(By.id("submit"));
        text("New job", text -> text.contains("model.directory: /etc"));
        type("model", TestPlatform.ROOT + "/from-the-form");
        click(By.id("submit"));

        Eventually.get(browser::getCurrentUrl, url -> url.contains("#/jobs/"));
        String id = browser.getCurrentUrl().replaceAll(".*/", "");
        JsonNode recipe = http.get("/api/v1/jobs/" + id).json().at("/request/recipe");
        assertThat(recipe.get("method").asString()).isEqualTo("quip-sharp");
        assertThat(recipe.get("code").asString()).isEqualTo("e8p");
        assertThat(recipe.get("bits").asInt()).isEqualTo(3);
        assertThat(recipe.get("passes").asInt()).isEqualTo(10);
        assertThat(recipe.at("/tuning/mode").asString()).isEqualTo("blocks");
        assertThat(recipe.at("/tuning/preset").asString()).isEqualTo("fast");
    }

    private static void choose(String field, String value) {
        browser.findElement(By.cssSelector("select[name='%s'] option[value='%s']".formatted(field, value)))
                .click();
    }

    private static List<String> choices(String field) {
        return browser.findElements(By.cssSelector("select[name='%s'] option".formatted(field))).stream()
                .map(option -> Objects.requireNonNull(option.getDomAttribute("value")))
                .toList();
    }

    private static void type(String field, String value) {
        WebElement input = browser.findElement(By.name(field));
        input.clear();
        input.sendKeys(value);
    }

    @Test
    void aJobCanBeCancelledFromItsPage() {
        String id = submit(Submissions.SHORT);
        open(id);

        click(By.id("cancel"));

        Eventually.get(() -> http.get("/api/v1/jobs/" + id).json().get("state").asString(), "CANCELLED"::equals);
        Eventually.get(() -> browser.findElements(By.id("cancel")).size(), buttons -> buttons == 0);
    }

    @Test
    void aJobThatIsNotThereIsSaidToBeSo() {
        open("7a1f0f60-7a53-4c39-a3d5-7f2b7f6d9a10");

        Eventually.get(
                () -> browser.findElements(By.cssSelector("[role=alert]")).stream()
                        .map(WebElement::getText)
                        .toList(),
                alerts -> alerts.stream().anyMatch(alert -> alert.contains("not found")));
    }

    private String submit(String body) {
        return http.post("/api/v1/jobs", body).json().get("id").asString();
    }

    private static void open(String job) {
        browser.get(TestPlatform.address() + "/#/jobs/" + job);
        browser.navigate().refresh();
    }

    private static void click(By place) {
        Eventually.get(
                () -> {
                    try {
                        List<WebElement> found = browser.findElements(place);
                        found.forEach(WebElement::click);
                        return !found.isEmpty();
                    } catch (StaleElementReferenceException e) {
                        return false;
                    }
                },
                clicked -> clicked);
    }

    private static void text(String section, Predicate<String> condition) {
        Eventually.get(
                () -> {
                    try {
                        return browser.findElements(By.cssSelector("section[aria-label='" + section + "']")).stream()
                                .map(WebElement::getText)
                                .findFirst()
                                .orElse("");
                    } catch (StaleElementReferenceException e) {
                        return "";
                    }
                },
                condition);
    }

    private static List<TaskEvent> publishForReal(TaskCommand command) {
        if (command.work() instanceof PublishModel publish) {
            ArtifactStore store = TestPlatform.gateway().getBean(ArtifactStore.class);
            byte[] weights = "weights".getBytes(StandardCharsets.UTF_8);
            store.put(publish.checkpoint() + "/model.safetensors", weights);
            String sums = Digests.sha256(weights) + "  model.safetensors\n";
            store.put(publish.checkpoint() + "/SHA256SUMS", sums.getBytes(StandardCharsets.UTF_8));
        }
        return Workers.succeed(command);
    }

    private static TaskEvent failed(TaskCommand command, String message) {
        return new TaskEvent.TaskFailed(
                command.job(),
                command.task(),
                command.attempt(),
                Workers.NAME,
                Instant.EPOCH,
                new Failure(Failure.Code.INVALID_INPUT, "config.json", message));
    }
}
