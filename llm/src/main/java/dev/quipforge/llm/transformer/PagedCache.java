package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PagedInputs;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.config.ModelConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of many texts, in pages of a few positions. A page has the keys and values of its positions in all blocks; which
 * text it belongs to is for others to know. Not for several threads.
 */
public final class PagedCache implements AutoCloseable {

    private final ComputeBackend backend;
    private final Workspace workspace;
    private final List<AttentionSpec> attentions;
    private final int pageLength;
    private final List<Matrix> keys = new ArrayList<>();
    private final List<Matrix> values = new ArrayList<>();

    /**
     * A cache whose pages hold nothing yet.
     *
     * @param backend the backend of the model
     * @param config the model
     * @param pages number of pages
     * @param pageLength positions of a page
     */
    public PagedCache(ComputeBackend backend, ModelConfig config, int pages, int pageLength) {
        this.backend = backend;
        this.pageLength = pageLength;
        this.workspace = backend.workspace();
        this.attentions = config.architecture().blocks().stream()
                .map(BlockSpec::attention)
                .toList();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            for (AttentionSpec attention : attentions) {
                keys.add(workspace.matrix(Math.multiplyExact(pages, pageLength), attention.keyWidth()));
                values.add(workspace.matrix(Math.multiplyExact(pages, pageLength), attention.valueWidth()));
            }
            opened.keep();
        }
    }

    /** Bytes of the keys and values of one position. */
    public static long bytesPerPosition(ModelConfig config) {
        return config.architecture().blocks().stream()
                .map(BlockSpec::attention)
                .mapToLong(attention -> (long) (attention.keyWidth() + attention.valueWidth()) * Float.BYTES)
                .sum();
    }

    /** Positions of a page. */
    public int pageLength() {
        return pageLength;
    }

    /**
     * The tokens of a step in one block.
     *
     * @param block index of the block
     * @param step which tokens
     * @param buffers where their keys and values go on their way into the cache
     */
    Positions at(int block, PagedStep step, Activations buffers) {
        AttentionSpec attention = attentions.get(block);
        int rows = step.positions().columns();
        return new Rows(
                keys.get(block),
                values.get(block),
                step,
                buffers.of(Activations.Slot.KEY, rows, attention.keyWidth()),
                buffers.of(Activations.Slot.VALUE, rows, attention.valueWidth()));
    }

    /**
     * Copies the content of pages to the host.
     *
     * @param arena owner of the copies
     * @param pages which
     * @return keys, then values, of every block, the pages one below the other
     */
    public List<HostMatrix> save(Arena arena, List<Integer> pages) {
        List<HostMatrix> saved = new ArrayList<>();
        for (Matrix matrix : matrices()) {
            HostMatrix copy = HostMatrix.allocate(arena, pages.size() * pageLength, matrix.columns());
            for (int i = 0; i < pages.size(); i++) {
                backend.download(page(matrix, pages.get(i)), copy.rows(i * pageLength, (i + 1) * pageLength));
            }
            saved.add(copy);
        }
        return saved;
    }

    /** Puts what {@link #save} copied into pages, as many as before. */
    public void restore(List<HostMatrix> saved, List<Integer> pages) {
        List<Matrix> matrices = matrices();
        for (int m = 0; m < matrices.size(); m++) {
            for (int i = 0; i < pages.size(); i++) {
                HostMatrix copy = saved.get(m).rows(i * pageLength, (i + 1) * pageLength);
                backend.upload(copy, page(matrices.get(m), pages.get(i)));
            }
        }
    }

    private List<Matrix> matrices() {
        List<Matrix> all = new ArrayList<>(keys);
        all.addAll(values);
        return all;
    }

    private Matrix page(Matrix matrix, int page) {
        return matrix.rows(page * pageLength, (page + 1) * pageLength);
    }

    /** Tokens of many texts, each by itself; their keys and values go into pages before anything is attended to. */
    private final class Rows implements Positions {

        private final Matrix allKeys;
        private final Matrix allValues;
        private final PagedStep step;
        private final Matrix newKeys;
        private final Matrix newValues;

        Rows(Matrix allKeys, Matrix allValues, PagedStep step, Matrix newKeys, Matrix newValues) {
            this.allKeys = allKeys;
            this.allValues = allValues;
            this.step = step;
            this.newKeys = newKeys;
            this.newValues = newValues;
        }

        @Override
        public int length() {
            return step.context();
        }

        @Override
        public Matrix keys() {
            return newKeys;
        }

        @Override
        public Matrix values() {
            return newValues;
        }

        @Override
        public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies) {
            backend.decode().rotate(heads, geometry, frequencies, step.positions());
        }

        @Override
        public void attend(AttentionGeometry geometry, Matrix query, @Nullable Matrix sinks, Matrix gathered) {
            backend.decode().putRows(newKeys, step.slots(), allKeys);
            backend.decode().putRows(newValues, step.slots(), allValues);
            PagedInputs inputs = new PagedInputs(
                    query, allKeys, allValues, sinks, step.tables(), step.texts(), step.lengths(), pageLength);
            backend.decode().attend(geometry, inputs, gathered);
        }
    }

    @Override
    public void close() {
        workspace.close();
    }
}
