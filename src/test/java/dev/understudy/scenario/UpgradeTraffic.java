package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients of all kinds, while the proxy before them is upgraded: new connections, kept ones,
 * WebSockets, which connect again when they are told to, relayed TCP connections, and one long
 * download.
 */
public final class UpgradeTraffic implements AutoCloseable {
  /** Of the close frame by which a WebSocket is told to connect again. */
  private static final int GOING_AWAY = 1001;

  private static final int PIECE = 1 << 20;

  /** As long as the download is not to end: 10 MB/s. */
  private static final long PIECE_NANOS = Duration.ofMillis(100).toNanos();

  /**
   * How much there is of each.
   *
   * @param connections new ones, each second
   * @param download bytes
   */
  public record Size(int connections, int webSockets, int relayed, long download) {}

  /**
   * What became of it.
   *
   * @param requests on new and on kept connections
   * @param lost sentences about all that was not as it should be
   * @param told WebSockets that were told to connect again
   * @param exchanged messages on relayed connections
   */
  public record Account(int requests, List<String> lost, int told, int exchanged, double worst) {}

  private final Queue<String> lost = new ConcurrentLinkedQueue<>();
  private final AtomicInteger told = new AtomicInteger();
  private final AtomicInteger exchanged = new AtomicInteger();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Thread> threads = new ArrayList<>();
  private final Load fresh;
  private final Load kept;
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean stopping;

  private UpgradeTraffic(int port, int tcpPort, Size size) {
    AtomicInteger ids = new AtomicInteger();
    fresh = Load.onNewConnections(port, Duration.ofSeconds(1).dividedBy(size.connections()), ids);
    kept = Load.start(port, Duration.ofMillis(5), ids, "Host: test");
    for (int i = 0; i < size.webSockets(); i++) {
      start(() -> webSocket(port));
    }
    for (int i = 0; i < size.relayed(); i++) {
      start(() -> relayed(tcpPort));
    }
    start(() -> download(port, size.download()));
  }

  /**
   * Starts it, and waits until all kinds are under way.
   *
   * @param tcpPort relays to a server of the same kind
   */
  public static UpgradeTraffic start(int port, int tcpPort, Size size) {
    UpgradeTraffic traffic = new UpgradeTraffic(port, tcpPort, size);
    Await.until(
        "all clients are connected",
        () ->
            traffic.open.get() == size.webSockets() + size.relayed() + 1
                || !traffic.lost.isEmpty());
    return traffic;
  }

  private void start(Runnable client) {
    threads.add(Thread.startVirtualThread(client));
  }

  private void webSocket(int port) {
    boolean first = true;
    while (!stopping) {
      TunnelClients.Client client;
      try {
        client = TunnelClients.connect(http, port).join();
        client.server().join();
      } catch (CompletionException e) {
        lost.add("a WebSocket was not opened: " + reason(e.getCause()));
        return;
      }
      if (first) {
        open.incrementAndGet();
        first = false;
      }
      while (!stopping && !client.closed().isDone()) {
        LockSupport.parkNanos(PIECE_NANOS);
      }
      if (!client.closed().isDone()) {
        client.leave();
      } else if (client.closed().join() == GOING_AWAY) {
        told.incrementAndGet();
      } else {
        lost.add("a WebSocket ended with " + client.closed().join());
      }
    }
  }

  private static String reason(Throwable cause) {
    return cause instanceof WebSocketHandshakeException refused
        ? String.valueOf(refused.getResponse())
        : cause.toString();
  }

  private void relayed(int port) {
    try (HttpConnection connection = new HttpConnection(port)) {
      connection.send("GET", "/whoami", "");
      open.incrementAndGet();
      while (!stopping) {
        connection.send("GET", "/whoami", "");
        exchanged.incrementAndGet();
        LockSupport.parkNanos(PIECE_NANOS);
      }
    } catch (IOException e) {
      lost.add("a relayed connection ended: " + e);
    }
  }

  private void download(int port, long bytes) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port));
      socket
          .getOutputStream()
          .write(
              ("GET /big?bytes=" + bytes + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      open.incrementAndGet();
      long read = read(socket.getInputStream());
      if (read < bytes) {
        lost.add("the download ended after " + read + " of " + bytes + " bytes");
      }
    } catch (IOException e) {
      lost.add("the download ended: " + e);
    }
  }

  private long read(InputStream input) throws IOException {
    long read = 0;
    byte[] piece = new byte[PIECE];
    for (int next = input.readNBytes(piece, 0, PIECE); next > 0; ) {
      read += next;
      if (!stopping) {
        LockSupport.parkNanos(PIECE_NANOS);
      }
      next = input.readNBytes(piece, 0, PIECE);
    }
    return read;
  }

  /** The first thing that went wrong; null if nothing has. */
  public @Nullable String trouble() {
    return lost.peek();
  }

  /** Stops all of it, and waits for its end. */
  public Account finish() throws InterruptedException {
    stopping = true;
    List<Load.Sample> samples = new ArrayList<>(fresh.finish());
    samples.addAll(kept.finish());
    for (Thread each : threads) {
      each.join();
    }
    samples.stream()
        .filter(sample -> !sample.ok())
        .forEach(sample -> lost.add("a request got " + sample.status() + " " + sample.body()));
    return new Account(
        samples.size(), List.copyOf(lost), told.get(), exchanged.get(), Load.worstMillis(samples));
  }

  @Override
  public void close() throws InterruptedException, IOException {
    stopping = true;
    fresh.close();
    kept.close();
    http.shutdownNow();
  }
}
