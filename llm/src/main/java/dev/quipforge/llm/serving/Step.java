package dev.quipforge.llm.serving;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.transformer.PagedCache;
import dev.quipforge.llm.transformer.PagedStep;
import dev.quipforge.llm.transformer.ServedDecoder;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** One pass of the model over pieces of texts. */
record Step(ServedDecoder model, PagedCache cache, EngineSettings settings, List<Piece> pieces) {

    /** The logits behind every piece that is the last of its text, in order; keys and values of all are in the cache. */
    List<float[]> run() {
        ComputeBackend backend = model.backend();
        List<Piece> last = pieces.stream().filter(Piece::isLast).toList();
        try (Workspace workspace = backend.workspace()) {
            Matrix hidden = model.advance(workspace, cache, tokens(), step(workspace));
            if (last.isEmpty()) {
                return List.of();
            }
            Matrix ends = workspace.matrix(last.size(), hidden.columns());
            backend.transformer().embed(hidden, workspace.copyOf(1, last.size(), endRows(last.size())), ends);
            return rows(model.logits(workspace, ends));
        }
    }

    private int[] tokens() {
        return pieces.stream()
                .map(piece -> piece.sequence().tokens(piece.from(), piece.to()))
                .flatMapToInt(Arrays::stream)
                .toArray();
    }

    private PagedStep step(Workspace workspace) {
        int rows = pieces.stream().mapToInt(Piece::tokens).sum();
        int most = pieces.stream()
                .mapToInt(piece -> piece.sequence().pages().size())
                .max()
                .orElse(0);
        int[] positions = new int[rows];
        int[] slots = new int[rows];
        int[] texts = new int[rows];
        int[] lengths = new int[rows];
        int[] tables = new int[pieces.size() * most];
        int row = 0;
        for (int text = 0; text < pieces.size(); text++) {
            Piece piece = pieces.get(text);
            List<Integer> pages = piece.sequence().pages();
            for (int i = 0; i < pages.size(); i++) {
                tables[text * most + i] = pages.get(i);
            }
            for (int position = piece.from(); position < piece.to(); position++) {
                positions[row] = position;
                slots[row] = pages.get(position / settings.pageLength()) * settings.pageLength()
                        + position % settings.pageLength();
                texts[row] = text;
                lengths[row] = position + 1;
                row++;
            }
        }
        return new PagedStep(
                row(workspace, positions),
                row(workspace, slots),
                workspace.copyOf(pieces.size(), most, tables),
                row(workspace, texts),
                row(workspace, lengths),
                settings.context());
    }

    private static IntMatrix row(Workspace workspace, int[] values) {
        return workspace.copyOf(1, values.length, values);
    }

    /** The rows of the last tokens of pieces that are the last of their texts. */
    private int[] endRows(int count) {
        int[] rows = new int[count];
        int found = 0;
        int end = 0;
        for (Piece piece : pieces) {
            end += piece.tokens();
            if (piece.isLast()) {
                rows[found++] = end - 1;
            }
        }
        return rows;
    }

    private List<float[]> rows(Matrix logits) {
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, logits.rows(), logits.columns());
            model.backend().download(logits, host);
            return IntStream.range(0, host.rows())
                    .mapToObj(row -> host.row(row).toArray(ValueLayout.JAVA_FLOAT))
                    .toList();
        }
    }
}
