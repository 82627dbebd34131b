package dev.quipforge.engine.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TensorRandomTest {

    @Test
    void theStreamOfANameNeverChanges() {
        RandomGenerator random = TensorRandom.of(42, "model.layers.0.self_attn.q_proj");
        // computed by an independent program from the SHA-256 and the definition of SplitMix64
        assertThat(random.nextLong()).isEqualTo(0xa7b77344888eff1aL);
        assertThat(random.nextLong()).isEqualTo(0xe241db0c2c07e416L);
    }
}
