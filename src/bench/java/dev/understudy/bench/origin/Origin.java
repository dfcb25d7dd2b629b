package dev.understudy.bench.origin;

import dev.understudy.bench.peer.Child;
import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The origin server, in a process of its own.
 *
 * @param port on 127.0.0.1
 */
public record Origin(int port, Child process) implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  public static Origin start(Path folder) throws IOException {
    return start(folder, List.of());
  }

  /** Starts it on further loopback addresses, too. */
  public static Origin start(Path folder, List<String> addresses) throws IOException {
    int port = Ports.free();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Child.java(),
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            Child.classPath(),
            OriginMain.class.getName(),
            Integer.toString(port),
            LOOPBACK));
    command.addAll(addresses);
    return new Origin(
        port, Child.start("origin-" + port, folder, command).await(() -> Ports.listening(port)));
  }

  @Override
  public void close() {
    process.close();
  }
}
