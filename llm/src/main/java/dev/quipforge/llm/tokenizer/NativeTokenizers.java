package dev.quipforge.llm.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Settings of DJL, which reads them from system properties when its native library is first used. */
final class NativeTokenizers {

    private static final String CACHE = "DJL_CACHE_DIR";

    private NativeTokenizers() {}

    /** Forbids downloads, takes the library for the CPU from the jar, and unpacks it where only this user can write. */
    static synchronized void prepare() {
        setIfAbsent("ai.djl.offline", "true");
        setIfAbsent("RUST_FLAVOR", "cpu");
        if (System.getenv(CACHE) == null && System.getProperty(CACHE) == null) {
            System.setProperty(CACHE, privateDirectory().toString());
        }
    }

    private static Path privateDirectory() {
        Path cache = Path.of(System.getProperty("user.home", "."), ".cache", "quipforge", "djl");
        try {
            Files.createDirectories(cache);
            if (Files.isWritable(cache)) {
                return cache;
            }
        } catch (IOException _) {
            // A home that cannot be written, as in many containers: a directory of this process serves as well.
        }
        try {
            return Files.createTempDirectory("quipforge-djl-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void setIfAbsent(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
