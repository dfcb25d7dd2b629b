package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Debian's HAProxy with one backend and one server for each check to compare, asked by its socket.
 */
final class HaproxyChecks implements AutoCloseable {
  private final Path socket;
  private final Process process;

  private HaproxyChecks(Path socket, Process process) {
    this.socket = socket;
    this.process = process;
  }

  /**
   * Starts HAProxy.
   *
   * @param backends the lines of each backend, a server's included
   */
  static HaproxyChecks start(Path folder, Map<String, String> backends) throws IOException {
    Path socket = folder.resolve("h.sock");
    StringBuilder text =
        new StringBuilder(
            """
            global
              stats socket %s level admin
            defaults
              mode tcp
              timeout connect 2s
              timeout check 2s
              timeout client 5s
              timeout server 5s
            frontend unused
              bind 127.0.0.1:%d
            """
                .formatted(socket, Ports.free()));
    backends.forEach(
        (name, lines) -> text.append("backend ").append(name).append('\n').append(lines.indent(2)));
    Path file = Files.writeString(folder.resolve("checks.cfg"), text);
    Process process =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("checks.log").toFile())
            .start();
    HaproxyChecks checks = new HaproxyChecks(socket, process);
    Await.until(
        "HAProxy has its socket",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("checks.log")));
          }
          return Files.exists(socket);
        });
    return checks;
  }

  /** The columns of {@code show stat} of a backend's server, by their names. */
  Map<String, String> server(String backend) throws IOException {
    List<String> lines = command("show stat").lines().toList();
    List<String> names = Arrays.asList(lines.getFirst().substring(2).split(","));
    for (String line : lines) {
      String[] cells = line.split(",", -1);
      if (cells[0].equals(backend) && !cells[1].equals("BACKEND")) {
        Map<String, String> columns = new HashMap<>();
        for (int i = 0; i < Math.min(names.size(), cells.length); i++) {
          columns.put(names.get(i), cells[i]);
        }
        return columns;
      }
    }
    throw new IllegalArgumentException("no backend " + backend);
  }

  String command(String text) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.US_ASCII)));
      StringBuilder reply = new StringBuilder();
      ByteBuffer buffer = ByteBuffer.allocate(65_536);
      while (channel.read(buffer) >= 0) {
        reply.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        buffer.clear();
      }
      return reply.toString();
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
