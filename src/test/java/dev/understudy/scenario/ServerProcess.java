package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A server in a process of its own, which can be killed, frozen and started again. */
public final class ServerProcess implements AutoCloseable {
  private final String name;
  private final int port;
  private final Class<?> program;
  private final Path ledger;
  private Process process;

  private ServerProcess(String name, int port, Class<?> program, Path ledger) {
    this.name = name;
    this.port = port;
    this.program = program;
    this.ledger = ledger;
  }

  /** A {@link StatefulServer}. */
  public static ServerProcess start(String name, Path folder) throws IOException {
    return start(name, StatefulServer.class, folder.resolve(name + ".ledger"));
  }

  /** A program with the arguments and the output of {@link StatefulServer}. */
  public static ServerProcess start(String name, Class<?> program, Path ledger) throws IOException {
    ServerProcess server = new ServerProcess(name, Ports.free(), program, ledger);
    server.restore();
    return server;
  }

  public String name() {
    return name;
  }

  public int port() {
    return port;
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Starts it, on the same port as before. */
  public void restore() throws IOException {
    process =
        new ProcessBuilder(
                Processes.java(),
                "-Xmx96m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
                name,
                Integer.toString(port),
                ledger.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader out = process.inputReader();
    StringBuilder printed = new StringBuilder();
    for (String line = out.readLine(); !"ready".equals(line); line = out.readLine()) {
      if (line == null) {
        throw new IOException(name + " did not start: " + printed);
      }
      printed.append(line).append('\n');
    }
    // Unread, what it logs would stop it once the pipe is full. A virtual thread that reads a pipe
    // keeps its carrier, of which there may be two.
    Thread.ofPlatform().daemon().start(() -> discard(out));
  }

  private static void discard(BufferedReader out) {
    try {
      out.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // The process has ended.
    }
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM: it finishes what it has. Returns once it takes no new connection. */
  public void stop() {
    process.destroy();
    Await.until(name + " takes no new connection", () -> !accepts());
  }

  private boolean accepts() throws IOException {
    try (Socket connection = new Socket("127.0.0.1", port)) {
      return connection.isConnected();
    } catch (ConnectException e) {
      return false;
    }
  }

  /** SIGSTOP: the kernel still accepts connections, nobody answers. */
  public void freeze() throws IOException, InterruptedException {
    Processes.signal(process.toHandle(), "STOP");
  }

  /** SIGCONT. */
  public void thaw() throws IOException, InterruptedException {
    Processes.signal(process.toHandle(), "CONT");
  }

  /** The ids of the orders that it executed, in all its lives, in order. */
  public List<String> executed() throws IOException {
    return Files.exists(ledger) ? Files.readAllLines(ledger) : List.of();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (process.isAlive()) {
      kill();
    }
  }
}
