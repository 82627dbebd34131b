package dev.quipforge.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.ops.CudaHadamardOps;
import dev.quipforge.engine.compute.BackendUnavailableException;
import dev.quipforge.engine.hadamard.Hadamard;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hadamard transforms of 16-bit rows, which the contract does not know. */
@Tag("gpu")
class HalfRowsTest {

    private static @Nullable CudaBackend opened;
    private static String reason = "not opened";

    @BeforeAll
    static void open() {
        try {
            opened = (CudaBackend) new CudaBackendProvider().open();
        } catch (BackendUnavailableException e) {
            reason = String.valueOf(e.getMessage());
        }
    }

    @AfterAll
    static void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private static CudaBackend cuda() {
        return opened == null ? abort(reason) : opened;
    }

    @ParameterizedTest
    @CsvSource({
        "8, 3", "64, 5", "512, 3", "1024, 7", "2048, 5", "4096, 9", "8192, 3", "16384, 2", "768, 11", "1536, 5",
        "3072, 7", "1792, 4", "3584, 9", "7168, 3", "14336, 133", "28672, 2", "2304, 5", "5120, 6", "6656, 3",
                "7680, 4",
        "3840, 3", "384, 5", "11008, 2", "13824, 2", "248, 3"
    })
    void rowsBecomeWhatTheDefinitionMakesOfThem(int order, int rows) {
        Hadamard transform = Hadamard.of(order);
        for (CudaHadamardOps.Half type : CudaHadamardOps.Half.values()) {
            for (boolean inverse : new boolean[] {false, true}) {
                double error = error(transform, inverse, type, rows);
                assertThat(error)
                        .as("order %s, %s, inverse %s", order, type, inverse)
                        .isLessThan(type == CudaHadamardOps.Half.FP16 ? 1e-7 : 8e-6);
            }
        }
    }

    /** Normalized squared error of up to 40 elements of every third row. */
    private static double error(Hadamard transform, boolean inverse, CudaHadamardOps.Half type, int rows) {
        int order = transform.order();
        int stride = order + 8;
        short[] values = new short[rows * stride];
        SplittableRandom random = new SplittableRandom(order);
        for (int i = 0; i < values.length; i++) {
            values[i] = narrow(type, (float) random.nextGaussian());
        }
        short[] results;
        try (Scratch scratch = new Scratch(cuda().memory())) {
            Transfers transfers = new Transfers(cuda().device());
            long address = scratch.bytes("rows", 2L * values.length);
            transfers.upload(values, address);
            ((CudaHadamardOps) cuda().hadamard()).transformHalves(transform, inverse, type, rows, address, stride);
            results = transfers.shorts(address, values.length);
            transfers.close();
        }
        double error = 0;
        double energy = 0;
        for (int row = 0; row < rows; row += 3) {
            for (int n = 0; n < 40; n++) {
                int i = (int) (n * 7919L % order);
                double sum = 0;
                for (int j = 0; j < order; j++) {
                    int sign = inverse ? transform.sign(j, i) : transform.sign(i, j);
                    sum += sign * (double) widen(type, values[row * stride + j]);
                }
                sum /= Math.sqrt(order);
                double difference = sum - widen(type, results[row * stride + i]);
                error += difference * difference;
                energy += sum * sum;
            }
            for (int j = order; j < stride; j++) {
                assertThat(results[row * stride + j]).isEqualTo(values[row * stride + j]);
            }
        }
        return error / energy;
    }

    private static float widen(CudaHadamardOps.Half type, short bits) {
        return type == CudaHadamardOps.Half.FP16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
    }

    private static short narrow(CudaHadamardOps.Half type, float value) {
        return type == CudaHadamardOps.Half.FP16
                ? Float.floatToFloat16(value)
                : (short) (Float.floatToIntBits(value) >>> 16);
    }
}
