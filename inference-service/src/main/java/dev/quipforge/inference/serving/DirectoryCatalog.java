package dev.quipforge.inference.serving;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.checkpoint.Checksums;
import dev.quipforge.llm.model.ModelDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models in folders of this machine, each by the name of its folder. */
final class DirectoryCatalog implements ModelCatalog {

    private final Map<String, Path> directories = new LinkedHashMap<>();

    /**
     * Looks into every folder; weights are not read yet.
     *
     * @throws InvalidModelException when one is no model, is not what its {@code SHA256SUMS} say, or has the name of another
     */
    DirectoryCatalog(List<Path> paths) {
        for (Path path : paths) {
            Path directory = path.toAbsolutePath().normalize();
            String name = String.valueOf(directory.getFileName());
            if (directories.put(name, directory) != null) {
                throw new InvalidModelException(
                        directory.toString(), "another folder is called " + name + " (expected: a name of its own)");
            }
            if (Files.exists(directory.resolve(Checksums.FILE))) {
                Checksums.verify(directory);
            }
            ModelDirectory.open(directory).close();
        }
    }

    @Override
    public List<String> models() {
        return List.copyOf(directories.keySet());
    }

    @Override
    public boolean contains(String model) {
        return directories.containsKey(model);
    }

    @Override
    public ModelFiles open(String model) {
        Path directory = directories.get(model);
        if (directory == null) {
            throw new IllegalArgumentException("model: " + model + " (expected: one of " + directories.keySet() + ")");
        }
        return new ModelFiles() {

            @Override
            public Path path() {
                return directory;
            }

            @Override
            public void close() {
                // they are not ours
            }
        };
    }
}
