package dev.understudy.conformance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A master and a backup for any number of pools, which fail for single pools, with hooks. */
final class TwoServers implements AutoCloseable {
  private final HttpServer master;
  private final HttpServer backup;
  private final CountDownLatch end = new CountDownLatch(1);

  /** {@code POOL/master}: its check of that pool is bad. */
  final Set<String> sick = ConcurrentHashMap.newKeySet();

  TwoServers() throws IOException {
    master = start("master");
    backup = start("backup");
  }

  private HttpServer start(String name) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> respond(name, exchange));
    server.start();
    return server;
  }

  private void respond(String name, HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().split("/");
    String what = path[path.length - 1];
    if (what.equals("hang")) {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    boolean bad = what.equals("refuse") || sick.contains(path[1] + "/" + name);
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(bad ? 503 : 200, -1);
    exchange.close();
  }

  /**
   * A pool in the dynamic file, on one line.
   *
   * @param more further settings, each behind a comma
   */
  String pool(String name, String more) {
    return """
      %1$s: { servers: { master: { url: "http://127.0.0.1:%2$d", role: master },\
     backup: { url: "http://127.0.0.1:%3$d", role: backup } },\
     health: { path: /%1$s/status, interval: 250ms, timeout: 10s }%4$s }
    """
        .formatted(name, master.getAddress().getPort(), backup.getAddress().getPort(), more);
  }

  /** A hook at the server that it is about; {@code what} is hang, refuse or anything else. */
  static String hook(String pool, String name, String what) {
    return "%s: { url: \"http://{server.host}:{server.port}/%s/%s\", timeout: 2m }"
        .formatted(name, pool, what);
  }

  @Override
  public void close() {
    end.countDown();
    master.stop(0);
    backup.stop(0);
  }
}
