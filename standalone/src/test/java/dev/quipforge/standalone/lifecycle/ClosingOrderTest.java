package dev.quipforge.standalone.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingOrderTest {

    private final List<String> closed = new ArrayList<>();

    @Test
    void whatWasStartedLastIsStoppedFirst() {
        ClosingOrder order = new ClosingOrder();
        order.add("broker", () -> closed.add("broker"));
        order.add("gateway", () -> closed.add("gateway"));
        order.close();
        order.close();
        assertThat(closed).containsExactly("gateway", "broker");
    }

    @Test
    void oneThatDoesNotStopKeepsNoOtherFromStopping() {
        ClosingOrder order = new ClosingOrder();
        order.add("broker", () -> closed.add("broker"));
        order.add("gateway", () -> {
            throw new IllegalStateException("stuck");
        });
        order.close();
        assertThat(closed).containsExactly("broker");
    }

    @Test
    void whatIsReadyTooLateIsStoppedAtOnce() {
        ClosingOrder order = new ClosingOrder();
        order.close();
        assertThatExceptionOfType(ClosingOrder.StoppedException.class)
                .isThrownBy(() -> order.add("gateway", () -> closed.add("gateway")))
                .withMessage("told to stop while starting");
        assertThat(closed).containsExactly("gateway");
    }
}
