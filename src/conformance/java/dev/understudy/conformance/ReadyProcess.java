package dev.understudy.conformance;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A server of the Prometheus project, which says at {@code /-/ready} when it is ready. */
final class ReadyProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;
  private final Path log;
  private final Process process;

  private ReadyProcess(Path folder, String url, List<String> command) throws IOException {
    this.url = url;
    log = folder.resolve(command.getFirst() + ".log");
    process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  /** Starts the program in that folder, which has its log too, and waits until it is ready. */
  static ReadyProcess start(Path folder, int port, String... command) throws IOException {
    ReadyProcess started = new ReadyProcess(folder, "http://127.0.0.1:" + port, List.of(command));
    Await.until(command[0] + " is ready", START, started::isReady);
    return started;
  }

  private boolean isReady() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("it ended: " + Files.readString(log));
    }
    try {
      return send("/-/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpResponse<String> send(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url + path)).build(), BodyHandlers.ofString());
  }

  /** Where it listens. */
  String url() {
    return url;
  }

  /** The body of its response. */
  String get(String path) throws IOException, InterruptedException {
    return send(path).body();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
    http.shutdownNow();
  }
}
