package dev.quipforge.llm.calibration;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.HessianCollector.Sink;
import dev.quipforge.llm.calibration.HessianCollector.Sum;
import dev.quipforge.llm.transformer.InputListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sums x xᵀ over the inputs of one block; each group is handed over once all its inputs have been seen, and freed. */
final class BlockSums implements InputListener, AutoCloseable {

    private final ComputeBackend backend;
    private final int block;
    private final Sink sink;
    private final Map<String, LinearGroup> keys = new HashMap<>();
    private final Map<String, Collected> groups = new HashMap<>();
    private final Collected pools;

    /** The sums of a group so far. */
    private final class Collected implements AutoCloseable {

        private final List<InputSpec> inputs;
        private final Workspace workspace = backend.workspace();
        private final Map<String, Matrix> sums = new LinkedHashMap<>();
        private final Map<String, Long> tokens = new HashMap<>();
        private final Set<String> complete = new HashSet<>();

        Collected(List<InputSpec> inputs) {
            this.inputs = inputs;
        }

        Matrix sum(String input, int width) {
            return sums.computeIfAbsent(input, _ -> workspace.matrix(width, width));
        }

        List<Sum> all() {
            List<Sum> all = new ArrayList<>();
            sums.forEach((input, sum) -> all.add(new Sum(input, sum, tokens.getOrDefault(input, 0L))));
            return all;
        }

        @Override
        public void close() {
            workspace.close();
        }
    }

    /**
     * @param backend where to sum
     * @param block its index
     * @param groups its groups
     * @param sink takes the sums
     */
    BlockSums(ComputeBackend backend, int block, List<LinearGroup> groups, Sink sink) {
        this.backend = backend;
        this.block = block;
        this.sink = sink;
        this.pools = new Collected(List.of());
        for (LinearGroup group : groups) {
            for (InputSpec input : group.inputs()) {
                keys.put(input.key(), group);
            }
        }
    }

    private LinearGroup group(InputSpec input) {
        LinearGroup group = keys.get(input.key());
        if (group == null) {
            throw new IllegalStateException(input.key() + ": in no group of block " + block);
        }
        return group;
    }

    private Collected collected(LinearGroup group) {
        return groups.computeIfAbsent(group.key(), _ -> new Collected(group.inputs()));
    }

    @Override
    public void reads(InputSpec input, Matrix activation) {
        Collected collected = collected(group(input));
        backend.dense().addActivationGram(activation, collected.sum(input.key(), input.width()));
        collected.tokens.merge(input.key(), (long) activation.rows(), Long::sum);
    }

    @Override
    public void complete(InputSpec input) {
        LinearGroup group = group(input);
        Collected collected = collected(group);
        Matrix sum = collected.sum(input.key(), input.width());
        if (HessianFiles.isOfExperts(group.key())) {
            String pool = HessianFiles.pool(input.key());
            backend.dense().add(1, sum, pools.sum(pool, input.width()));
            pools.tokens.merge(pool, collected.tokens.getOrDefault(input.key(), 0L), Long::sum);
        }
        collected.complete.add(input.key());
        if (collected.complete.size() == collected.inputs.size()) {
            sink.accept(block, group.key(), collected.all());
            groups.remove(group.key());
            collected.close();
        }
    }

    /** Hands over the sums over all experts, if there are any. */
    void finish() {
        if (!pools.sums.isEmpty()) {
            sink.accept(block, HessianFiles.EXPERTS, pools.all());
        }
    }

    @Override
    public void close() {
        groups.values().forEach(Collected::close);
        pools.close();
    }
}
