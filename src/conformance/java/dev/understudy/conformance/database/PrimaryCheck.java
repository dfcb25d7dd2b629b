package dev.understudy.conformance.database;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Says over HTTP whether a database takes writes, on a port of its own, as Patroni's REST API does:
 * {@code GET /primary} is 200 or 503.
 */
final class PrimaryCheck implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  PrimaryCheck(String address, int port, BooleanSupplier primary) throws IOException {
    server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.setExecutor(threads);
    server.createContext(
        "/primary",
        exchange -> {
          exchange.sendResponseHeaders(primary.getAsBoolean() ? 200 : 503, -1);
          exchange.close();
        });
    server.start();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
