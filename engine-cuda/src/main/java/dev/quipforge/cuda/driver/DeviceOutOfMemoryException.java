package dev.quipforge.cuda.driver;

/** The device has no room for a matrix; the message names it, and what holds the memory. */
public final class DeviceOutOfMemoryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DeviceOutOfMemoryException(String what, long bytes, long free, long held) {
        super(what + ": " + bytes + " bytes (free on the device: " + free + ", held by open workspaces: " + held + ")");
    }
}
