package dev.understudy.bench.startup;

import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.ProcFs;
import dev.understudy.bench.peer.UnderstudyJar;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One start.
 *
 * @param proxied the first response of a server with 200
 * @param ready the first response of the management port that says so
 * @param badEvents until a while later
 */
public record Start(Moment proxied, Moment ready, double badEvents) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long POLL_NANOS = Duration.ofMillis(2).toNanos();

  /** Longer than the checks that would judge a server to be DOWN by the default settings. */
  private static final Duration DOUBTS = Duration.ofSeconds(2);

  private static final byte[] REQUEST =
      "GET /1k HTTP/1.1\r\nHost: bench.example\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final String GOOD = "HTTP/1.1 200";

  /**
   * A moment of the start.
   *
   * @param seconds since the process was started
   * @param cpuSeconds user and system time of the process until then
   */
  public record Moment(double seconds, double cpuSeconds, double rssMegabytes) {
    /** What never comes. */
    static final Moment NONE = new Moment(Double.NaN, Double.NaN, Double.NaN);
  }

  /** Starts a proxy and asks, every few milliseconds from the beginning, until it is up. */
  static Start of(Form form, Path folder) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Child child = Child.start("start-" + form.port(), folder, form.command())) {
      CompletableFuture<Moment> proxied =
          CompletableFuture.supplyAsync(
              () -> await(child, begin, () -> isProxied(form.port())), threads);
      if (form.managementPort() == 0) {
        return new Start(proxied.join(), Moment.NONE, Double.NaN);
      }
      Moment ready = await(child, begin, () -> UnderstudyJar.isReady(form.managementPort()));
      Moment first = proxied.join();
      Thread.sleep(DOUBTS);
      return new Start(first, ready, BadEvents.count(form.managementPort(), form.pools()));
    }
  }

  private static Moment await(Child child, long begin, BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (!child.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IllegalStateException("does not start:\n" + child.log());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return new Moment(
        (System.nanoTime() - begin) / 1e9,
        ProcFs.cpuNanos(child.pid()) / 1e9,
        ProcFs.rssBytes(child.pid()) / 1e6);
  }

  /** Whether a server behind this port responds. */
  public static boolean isProxied(int port) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.getOutputStream().write(REQUEST);
      InputStream in = socket.getInputStream();
      String response = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return response.startsWith(GOOD);
    } catch (IOException e) {
      return false;
    }
  }
}
