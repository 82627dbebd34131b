package dev.quipforge.contracts;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where the files of all quantized groups of a model are: {@code <prefix>/<block>/<group>.safetensors}. The names of the groups
 * follow from the model, which whoever reads them has; so only those are named that are elsewhere than most.
 *
 * @param prefix of most groups
 * @param others paths {@code <block>/<group>} of the groups with another prefix, by that
 */
public record GroupFiles(String prefix, Map<String, List<String>> others) {

    private static final String SUFFIX = ".safetensors";

    public GroupFiles {
        SortedMap<String, List<String>> copy = new TreeMap<>();
        others.forEach((other, paths) -> copy.put(other, List.copyOf(paths)));
        others = Collections.unmodifiableSortedMap(copy);
    }

    /** Of keys, block by block; there must be one at least. */
    public static GroupFiles of(List<String> keys) {
        SortedMap<String, List<String>> paths = new TreeMap<>();
        for (String key : keys) {
            int path = key.lastIndexOf('/', key.lastIndexOf('/') - 1);
            paths.computeIfAbsent(key.substring(0, path), _ -> new ArrayList<>())
                    .add(key.substring(path + 1, key.length() - SUFFIX.length()));
        }
        String most = paths.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().size()))
                .orElseThrow()
                .getKey();
        paths.remove(most);
        return new GroupFiles(most, paths);
    }

    /**
     * The keys, block by block.
     *
     * @param groups names of the groups of every block, in the order in which they are quantized
     */
    public List<String> keys(List<List<String>> groups) {
        Map<String, String> prefixes = new HashMap<>();
        others.forEach((other, paths) -> paths.forEach(path -> prefixes.put(path, other)));
        List<String> keys = new ArrayList<>();
        for (int block = 0; block < groups.size(); block++) {
            for (String group : groups.get(block)) {
                String path = block + "/" + group;
                keys.add(prefixes.getOrDefault(path, prefix) + "/" + path + SUFFIX);
            }
        }
        return keys;
    }
}
