package dev.quipforge.gateway.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.gateway.Eventually;
import dev.quipforge.gateway.Http;
import dev.quipforge.gateway.Submissions;
import dev.quipforge.gateway.TestPlatform;
import dev.quipforge.gateway.Workers;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

class OutboxRestartTest {

    @Test
    void aCommandThatWasCommittedButNotSentIsSentByTheNextGateway() {
        TestPlatform platform = new TestPlatform("restart");
        UUID job = submitAndDieBeforeSending(platform);

        try (Workers workers = new Workers(platform.brokers(), Workers::succeed)) {
            assertThat(workers.commands(job)).isEmpty();
            try (ConfigurableApplicationContext next = platform.startGateway()) {
                Http http = new Http(TestPlatform.address(next));
                Eventually.get(
                        () -> http.get("/api/v1/jobs/" + job)
                                .json()
                                .get("state")
                                .asString(),
                        "SUCCEEDED"::equals);
            }
            List<TaskCommand> commands = workers.commands(job);
            assertThat(commands).extracting(TaskCommand::task).doesNotHaveDuplicates();
            assertThat(commands).extracting(TaskCommand::attempt).containsOnly(1);
        }
    }

    private static UUID submitAndDieBeforeSending(TestPlatform platform) {
        try (ConfigurableApplicationContext gateway = platform.startGateway()) {
            gateway.getBean(OutboxRelay.class).stop();
            Http http = new Http(TestPlatform.address(gateway));
            return UUID.fromString(http.post("/api/v1/jobs", Submissions.SHORT)
                    .json()
                    .get("id")
                    .asString());
        }
    }
}
