package dev.understudy.scenario;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server in this process, which responds to all requests with its name. */
public final class NamedServer implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  private NamedServer(String name, String host) throws IOException {
    byte[] body = name.getBytes(StandardCharsets.US_ASCII);
    server = HttpServer.create(new InetSocketAddress(host, 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("HEAD")) {
              exchange.sendResponseHeaders(200, -1);
            } else {
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
            }
          }
        });
    server.start();
  }

  /** Starts one on 127.0.0.1. */
  public static NamedServer start(String name) throws IOException {
    return start(name, "127.0.0.1");
  }

  /** Starts one on that address of this machine. */
  public static NamedServer start(String name, String host) throws IOException {
    return new NamedServer(name, host);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
