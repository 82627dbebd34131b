package dev.quipforge.engine.compute.vector.lanes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuffersTest {

    private static final long LARGE = 3L << 20;

    private final Buffers buffers = new Buffers();
    private final List<MemorySegment> lent = new ArrayList<>();

    @Test
    void aSmallBufferIsUsedAgainAndFreedWithTheOthers() {
        buffers.with(1000, lent::add);
        buffers.with(500, lent::add);
        assertThat(lent.get(1)).isEqualTo(lent.get(0));
        assertThat(lent.getFirst().byteSize()).isEqualTo(4096);
        buffers.close();
        assertThat(lent.getFirst().scope().isAlive()).isFalse();
    }

    @Test
    void aBufferThatIsTooSmallIsFreedForALargerOne() {
        buffers.with(500, lent::add);
        buffers.with(1000, lent::add);
        assertThat(lent.get(0).scope().isAlive()).isFalse();
        assertThat(lent.get(1).byteSize()).isEqualTo(4096);
        buffers.close();
    }

    @Test
    void aLargeBufferIsFreedAsSoonAsItWasUsed() {
        buffers.with(LARGE, buffer -> {
            assertThat(buffer.scope().isAlive()).isTrue();
            lent.add(buffer);
        });
        assertThat(lent.getFirst().scope().isAlive()).isFalse();
    }

    @Test
    void aBufferComesBackFromWorkThatFails() {
        assertThatThrownBy(() -> buffers.with(1000, buffer -> {
                    lent.add(buffer);
                    throw new IllegalStateException("work");
                }))
                .hasMessage("work");
        buffers.with(1000, lent::add);
        assertThat(lent.get(1)).isEqualTo(lent.get(0));
        buffers.close();
    }
}
