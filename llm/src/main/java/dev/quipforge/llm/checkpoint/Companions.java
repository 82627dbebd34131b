package dev.quipforge.llm.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files beside weights and {@code config.json} that a checkpoint takes over from the model it was made of. */
final class Companions {

    private static final List<String> NAMES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja",
            "chat_template.json",
            "generation_config.json",
            "preprocessor_config.json",
            "processor_config.json",
            "LICENSE",
            "LICENSE.txt",
            "NOTICE");

    private Companions() {}

    /** Copies those that are there. */
    static void copy(Path from, Path to) throws IOException {
        for (String name : NAMES) {
            if (Files.isRegularFile(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name));
            }
        }
    }
}
