package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend's {@link DecodeOps} must do. */
public abstract class DecodeOpsContract extends ComputeBackendContract {

    private static final double ROUNDED = 1e-12;

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,64,96", "3,70,33", "32,300,130", "40,17,1000"})
    void rowsAreProjected(int rows, int inputs, int outputs) {
        Twins x = gaussian(1, rows, inputs);
        Twins w = gaussian(2, outputs, inputs);
        Twins y = gaussian(3, rows, outputs);
        backend().decode().project(x.actual(), w.actual(), y.actual());
        definition().decode().project(x.expected(), w.expected(), y.expected());
        assertClose(rows + " rows, " + inputs + " to " + outputs, y, ROUNDED);
    }

    @Test
    void aRowIsProjectedToTheSameBitsAloneAndAmongOthers() {
        Twins x = gaussian(4, 33, 200);
        Twins w = gaussian(5, 150, 200);
        Twins all = gaussian(6, 33, 150);
        Twins alone = gaussian(7, 1, 150);
        backend().decode().project(x.actual(), w.actual(), all.actual());
        for (int row : new int[] {0, 1, 7, 16, 31, 32}) {
            backend().decode().project(x.rows(row, row + 1).actual(), w.actual(), alone.actual());
            assertThat(values(alone.actual()))
                    .as("row " + row)
                    .isEqualTo(values(all.rows(row, row + 1).actual()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HALVES", "NEIGHBOURS"})
    void everyRowTurnsByItsOwnPosition(RotaryGeometry.Pairs pairs) {
        int[] positions = {0, 1, 5000, 7, 7, 131071};
        RotaryGeometry geometry = new RotaryGeometry(24, 4, 16, pairs, 1.25f);
        Twins heads = gaussian(8, positions.length, 3 * 24);
        Twins frequencies = twins(HostMatrix.of(arena(), 1, 8, 1f, 0.5f, 0.2f, 0.1f, 0.05f, 0.01f, 0.002f, 0.0001f));
        IntMatrix[] places = twins(1, positions.length, positions);
        backend().decode().rotate(heads.actual(), geometry, frequencies.actual(), places[0]);
        definition().decode().rotate(heads.expected(), geometry, frequencies.expected(), places[1]);
        assertClose("seed 8", heads, ROUNDED);
    }

    @Test
    void rowsArePutInTheirPlaces() {
        Twins source = gaussian(9, 4, 70);
        Twins target = gaussian(10, 9, 70);
        IntMatrix[] rows = twins(1, 4, new int[] {8, -1, 0, 3});
        backend().decode().putRows(source.actual(), rows[0], target.actual());
        definition().decode().putRows(source.expected(), rows[1], target.expected());
        assertClose("seeds 9 10", target, 0);
    }

    /** Texts of these lengths, and a row of no text; every text has its last {@code queries} tokens as rows. */
    @ParameterizedTest
    @CsvSource({
        "1,1,1,4,2,16,16,16,0,0,false",
        "3,4,70,4,4,64,64,16,0,0,false",
        "2,5,130,6,2,128,128,32,40,0,true",
        "2,1,300,8,1,96,96,16,0,30,false",
        "3,2,50,4,4,192,128,16,17,50,true",
        "1,3,1100,8,2,256,256,16,0,0,true"
    })
    void attentionOverPagesAgreesWithTheDefinition(
            int texts,
            int queries,
            int longest,
            int heads,
            int keyValueHeads,
            int width,
            int valueWidth,
            int page,
            int window,
            float cap,
            boolean sinks) {
        AttentionGeometry geometry = new AttentionGeometry(
                heads,
                keyValueHeads,
                width,
                valueWidth,
                0.125f,
                window == 0 ? AttentionGeometry.UNLIMITED : window,
                cap);
        Texts some = new Texts(geometry, texts, queries, longest, page, sinks);
        Twins output = gaussian(15, some.rows, heads * valueWidth);
        backend().decode().attend(geometry, some.inputs(0), output.actual());
        definition().decode().attend(geometry, some.inputs(1), output.expected());
        assertClose("texts " + texts + " of at most " + longest, output, ROUNDED);
        assertThat(values(output.actual().rows(some.rows - 1, some.rows))).containsOnly(0);
    }

    @Test
    void aRowAttendsToTheSameBitsAloneAndAmongOthers() {
        AttentionGeometry geometry = AttentionGeometry.of(4, 2, 64);
        Texts some = new Texts(geometry, 3, 5, 200, 16, false);
        Twins all = gaussian(15, some.rows, 4 * 64);
        backend().decode().attend(geometry, some.inputs(0), all.actual());
        Twins alone = gaussian(16, 1, 4 * 64);
        for (int row = 0; row < some.rows; row += 3) {
            backend().decode().attend(geometry, some.alone(row), alone.actual());
            assertThat(values(alone.actual()))
                    .as("row " + row)
                    .isEqualTo(values(all.rows(row, row + 1).actual()));
        }
    }

    @Test
    void widthsThatDoNotFitAreNamed() {
        AttentionGeometry geometry = AttentionGeometry.of(4, 2, 64);
        Texts some = new Texts(geometry, 1, 1, 20, 16, false);
        Twins output = gaussian(17, some.rows, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().decode().attend(geometry, some.inputs(0), output.actual()))
                .withMessageContaining("output");
    }

    private float[] values(Matrix matrix) {
        HostMatrix host = download(matrix);
        float[] values = new float[host.rows() * host.columns()];
        for (int i = 0; i < values.length; i++) {
            values[i] = host.get(i / host.columns(), i % host.columns());
        }
        return values;
    }

    /** A cache whose pages are shuffled, with queries of some texts and a row of none at the end. */
    private final class Texts {

        private final int rows;
        private final int page;
        private final Twins query;
        private final Twins keys;
        private final Twins values;
        private final Twins sinks;
        private final boolean hasSinks;
        private final IntMatrix[] tables;
        private final int[] texts;
        private final int[] lengths;

        Texts(AttentionGeometry geometry, int count, int queries, int longest, int page, boolean hasSinks) {
            SplittableRandom random = new SplittableRandom(11);
            int most = Math.ceilDiv(longest, page) + 1;
            int pages = count * most + 3;
            this.rows = count * queries + 1;
            this.page = page;
            this.hasSinks = hasSinks;
            this.query = gaussian(11, rows, geometry.heads() * geometry.headWidth());
            this.keys = gaussian(12, pages * page, geometry.keyValueHeads() * geometry.headWidth());
            this.values = gaussian(13, pages * page, geometry.keyValueHeads() * geometry.valueWidth());
            this.sinks = gaussian(14, 1, geometry.heads());
            int[] shuffled = IntStream.range(0, pages).toArray();
            for (int i = pages - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                int swapped = shuffled[i];
                shuffled[i] = shuffled[other];
                shuffled[other] = swapped;
            }
            this.tables = twins(count, most, Arrays.copyOf(shuffled, count * most));
            this.texts = new int[rows];
            this.lengths = new int[rows];
            for (int row = 0; row < rows - 1; row++) {
                int text = row / queries;
                texts[row] = text;
                lengths[row] = Math.max(1, longest - 7 * text - (queries - 1 - row % queries));
            }
        }

        PagedInputs inputs(int side) {
            return inputs(side, side == 0 ? query.actual() : query.expected(), texts, lengths);
        }

        PagedInputs alone(int row) {
            return inputs(0, query.actual().rows(row, row + 1), new int[] {texts[row]}, new int[] {lengths[row]});
        }

        private PagedInputs inputs(int side, Matrix queries, int[] owners, int[] seen) {
            return new PagedInputs(
                    queries,
                    side == 0 ? keys.actual() : keys.expected(),
                    side == 0 ? values.actual() : values.expected(),
                    hasSinks ? (side == 0 ? sinks.actual() : sinks.expected()) : null,
                    tables[side],
                    twins(1, owners.length, owners)[side],
                    twins(1, seen.length, seen)[side],
                    page);
        }
    }
}
