package dev.quipforge.llm.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where files are when the power goes: whether what was written waits in memory or is forced to the disk. */
@FunctionalInterface
interface Disk {

    /** Returns when everything is on the disk. */
    Disk FORCED = path -> {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    };

    /** Leaves it to the operating system. */
    Disk UNFORCED = _ -> {};

    /** Takes the content of a file, or the entries of a directory, but not of those in it. */
    void force(Path path) throws IOException;
}
