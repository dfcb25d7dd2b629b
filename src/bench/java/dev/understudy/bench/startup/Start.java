package dev.understudy.bench.startup;

import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.ProcFs;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * One start.
 *
 * @param seconds until the first proxied response
 * @param userSeconds of the process until then
 */
record Start(double seconds, double userSeconds, double rssMegabytes) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long POLL_NANOS = Duration.ofMillis(2).toNanos();
  private static final byte[] REQUEST =
      "GET /1k HTTP/1.1\r\nHost: bench.example\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final String GOOD = "HTTP/1.1 200";

  /** Starts this form and asks until it proxies. */
  static Start of(Form form, Site site) throws IOException {
    int port = Ports.free();
    List<String> command = new ArrayList<>(form.java());
    command.addAll(UnderstudyJar.serve(site, port, Ports.free()));
    long begin = System.nanoTime();
    try (Child child = Child.start("start-" + port, site.folder(), command)) {
      while (!isProxied(port)) {
        if (!child.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
          throw new IOException("does not start:\n" + child.log());
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new Start(
          seconds, ProcFs.userNanos(child.pid()) / 1e9, ProcFs.rssBytes(child.pid()) / 1e6);
    }
  }

  /** Whether a server behind this port responds. */
  static boolean isProxied(int port) {
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
