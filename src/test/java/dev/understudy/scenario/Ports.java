package dev.understudy.scenario;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that are free now, from below those that the kernel gives to outgoing connections, so that
 * a server that is killed finds its own free again. Each JVM of tests has a range of its own: a
 * port that is given to a process that has yet to start is not given to another's meanwhile.
 */
public final class Ports {
  private static final int RANGE = 2_500;
  private static final int RANGES = 8;
  private static final int FIRST =
      12_000 + RANGE * (Integer.getInteger("understudy.fork", 0) % RANGES);
  private static final int TRIES = 1_000;

  /** Those given to this process: who listens there may not have begun to. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private Ports() {}

  public static int free() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST + RANGE);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        if (GIVEN.add(port)) {
          return port;
        }
      } catch (BindException e) {
        continue;
      }
    }
    throw new IOException("no free port in " + TRIES + " tries");
  }

  /** Whether somebody accepts connections there. */
  public static boolean listening(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
