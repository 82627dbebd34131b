package dev.quipforge.standalone.data;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports of this machine. */
public final class Ports {

    private Ports() {}

    /** Different ports that are free on the loopback address now. */
    public static List<Integer> free(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /**
     * The port to use when {@code wanted} is asked for.
     *
     * @param wanted a port, or 0 for any
     * @throws BindException if it is taken
     */
    public static int choose(InetAddress address, int wanted) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, wanted), 1);
            return socket.getLocalPort();
        } catch (BindException e) {
            throw (BindException) new BindException("port: " + wanted
                            + " is in use on " + address.getHostAddress()
                            + " (expected: a free port; choose another with --port, or --port 0 for any)")
                    .initCause(e);
        }
    }
}
