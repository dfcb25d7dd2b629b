package dev.understudy.conformance;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HAProxy in mode tcp and Understudy before a server of the same behaviour: what each end sees when
 * the other one ends. A deliberate difference has its reason.
 */
class TcpConformanceIT {
  @TempDir private static Path folder;

  /** What the two ends do, and what is seen of it. */
  @FunctionalInterface
  private interface Script {
    String run(Socket client, Socket server) throws IOException;
  }

  private record Row(String name, Script script, String haproxy, String understudy) {
    static Row same(String name, Script script, String seen) {
      return new Row(name, script, seen, seen);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(
        Row.same(
            "bytes of a client that ends its direction arrive, and the server goes on",
            (client, server) -> {
              send(client, "query");
              client.shutdownOutput();
              String query = rest(server);
              send(server, "result");
              server.close();
              return query + " " + rest(client);
            },
            "query|FIN result|FIN"),
        Row.same(
            "bytes of a server that ends its direction arrive, and the client goes on",
            (client, server) -> {
              send(server, "all");
              server.shutdownOutput();
              String all = rest(client);
              send(client, "late");
              client.close();
              return all + " " + rest(server);
            },
            "all|FIN late|FIN"),
        Row.same(
            "a server that closes after its response ends the client's connection in order",
            (client, server) -> {
              send(server, "bye");
              server.close();
              return rest(client);
            },
            "bye|FIN"),
        new Row(
            // HAProxy ends the client's connection in order, as if the server had.
            "a server that resets: the client must not take what it received for complete",
            (client, server) -> {
              send(server, "part");
              String part = receive(client, 4);
              reset(server);
              return part + rest(client);
            },
            "part|FIN",
            "part|RST"),
        Row.same(
            "a client that resets: the server must not take what it received for complete",
            (client, server) -> {
              send(client, "part");
              String part = receive(server, 4);
              reset(client);
              return part + rest(server);
            },
            "part|RST"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void both_ends_see(Row row) throws Exception {
    try (TcpServer server = new TcpServer();
        Haproxy haproxy = Haproxy.start(server.port());
        TcpRig rig =
            new TcpRig(
                Transport.available().getLast(),
                TestPools.pool().master("a", server.port()).start())) {
      assertThat(seen(row, haproxy.port, server)).as("HAProxy").isEqualTo(row.haproxy);
      assertThat(seen(row, rig.port(), server)).as("Understudy").isEqualTo(row.understudy);
    }
  }

  private static String seen(Row row, int port, TcpServer listening) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout(20_000);
      try (Socket server = listening.accept()) {
        return row.script.run(client, server);
      }
    }
  }

  /** Debian's HAProxy as a relay of TCP, without health checks. */
  private record Haproxy(Process process, int port) implements AutoCloseable {
    static Haproxy start(int server) throws IOException {
      int port = Ports.free();
      Path file =
          Files.writeString(
              folder.resolve("tcp-" + port + ".cfg"),
              """
              defaults
                mode tcp
                timeout connect 1s
                timeout client 60s
                timeout server 60s
              listen in
                bind 127.0.0.1:%d
                server a 127.0.0.1:%d
              """
                  .formatted(port, server));
      Process process =
          new ProcessBuilder("haproxy", "-db", "-f", file.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("haproxy.log").toFile())
              .start();
      Await.until("HAProxy is up", () -> process.isAlive() && listens(port));
      return new Haproxy(process, port);
    }

    /** Whether the port is bound; a connection would reach the server. */
    private static boolean listens(int port) throws IOException {
      String local = String.format(":%04X 00000000:0000 0A", port);
      return Files.readString(Path.of("/proc/net/tcp")).contains(local);
    }

    @Override
    public void close() throws InterruptedException {
      process.destroy();
      process.waitFor();
    }
  }
}
