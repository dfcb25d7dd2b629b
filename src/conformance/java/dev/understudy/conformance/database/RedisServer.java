package dev.understudy.conformance.database;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Redis server of Debian's on loopback, in memory only. */
final class RedisServer implements AutoCloseable {
  private final Path folder;
  private final int port;
  private ProcessTree process;

  private RedisServer(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Starts a server; with {@code --replicaof} as that server's replica. */
  static RedisServer start(Path folder, int port, String... arguments) throws IOException {
    RedisServer server = new RedisServer(folder, port);
    server.start(arguments);
    return server;
  }

  void start(String... arguments) throws IOException {
    Path log = folder.resolve("redis-" + port + ".log");
    List<String> command =
        new ArrayList<>(
            List.of("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no", "--dir", folder.toString()));
    command.addAll(List.of("--repl-diskless-sync-delay", "0"));
    command.addAll(List.of(arguments));
    process = ProcessTree.start(log, command);
    Await.until(
        "Redis takes connections",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(log));
          }
          try (RedisClient client = connect()) {
            return client.call("PING").equals("PONG");
          } catch (IOException e) {
            return false;
          }
        });
  }

  int port() {
    return port;
  }

  RedisClient connect() throws IOException {
    return new RedisClient(port);
  }

  /** Sends one command on a connection of its own. */
  String call(String... command) throws IOException {
    try (RedisClient client = connect()) {
      return client.call(command);
    }
  }

  void kill() throws InterruptedException {
    process.kill();
  }

  void freeze() throws IOException, InterruptedException {
    process.freeze();
  }

  void thaw() throws IOException, InterruptedException {
    process.thaw();
  }

  @Override
  public void close() throws InterruptedException {
    process.kill();
  }
}
