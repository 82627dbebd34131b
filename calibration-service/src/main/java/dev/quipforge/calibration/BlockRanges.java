package dev.quipforge.calibration;

import dev.quipforge.contracts.TaskResult.BlockRange;
import dev.quipforge.contracts.TaskResult.GroupSize;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import java.util.ArrayList;
import java.util.List;

/** The groups of a model in few words: most blocks are like the one before. */
final class BlockRanges {

    private BlockRanges() {}

    /** All blocks in order, those of equal groups together. */
    static List<BlockRange> of(Architecture architecture) {
        List<BlockRange> ranges = new ArrayList<>();
        for (BlockSpec block : architecture.blocks()) {
            List<GroupSize> groups = block.groups().stream()
                    .map(group -> new GroupSize(group.key(), group.weights()))
                    .toList();
            if (!ranges.isEmpty() && ranges.getLast().groups().equals(groups)) {
                BlockRange before = ranges.removeLast();
                ranges.add(new BlockRange(before.first(), block.index(), groups));
            } else {
                ranges.add(new BlockRange(block.index(), block.index(), groups));
            }
        }
        return ranges;
    }
}
