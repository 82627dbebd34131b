package dev.quipforge.contracts;

import java.util.List;

/**
 * Command: make one file of all calibration windows that a model wrote. Result: {@link TaskResult.WindowsJoined}.
 *
 * @param parts keys of the ranges, in order
 * @param output key of the windows
 */
public record JoinWindows(List<String> parts, String output) implements Task {

    public JoinWindows {
        parts = List.copyOf(parts);
    }
}
