package dev.quipforge.cli.local;

import dev.quipforge.cli.terminal.CommandFailure;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Texts given by path. */
final class TextFiles {

    private TextFiles() {}

    /**
     * The whole of a UTF-8 text.
     *
     * @param option the option that named it, for the message
     * @throws CommandFailure if it cannot be read
     */
    static String read(String option, Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(option + ": " + file + " is not there (expected: a UTF-8 text)", e);
        } catch (CharacterCodingException e) {
            throw new CommandFailure(option + ": " + file + " is not UTF-8 (expected: a UTF-8 text)", e);
        } catch (IOException e) {
            throw new CommandFailure(option + ": " + file + " cannot be read: " + e, e);
        }
    }
}
