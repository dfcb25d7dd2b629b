package dev.understudy.conformance.database;

import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Understudy with the dynamic file that a page of {@code deploy/recipes} shows, on loopback. */
final class Recipe implements AutoCloseable {
  private static final Pattern FILE = Pattern.compile("(?ms)^```yaml\n(pools:.*?)^```$");
  private static final Pattern LISTENER = Pattern.compile("\\{ port: \\d+, pool: (\\S+) }");
  private static final Pattern INTERVAL = Pattern.compile("(?m)^( +)interval: 1s$|interval: 1s\\b");

  private static final String TOKEN = "recipe-token-0123456789";

  private final ProxyProcess proxy;
  private final String pool;
  private final int listener;

  private Recipe(ProxyProcess proxy, String pool, int listener) {
    this.proxy = proxy;
    this.pool = pool;
    this.listener = listener;
  }

  /**
   * Starts it with the page's first file and its only listener.
   *
   * @param addresses host and port of each server on the page, and what takes its place
   */
  static Recipe start(Path folder, String page, Map<String, String> addresses)
      throws IOException, InterruptedException {
    String text = Files.readString(Path.of("deploy/recipes", page));
    String file = found(FILE, text).group(1);
    for (Map.Entry<String, String> each : new TreeMap<>(addresses).entrySet()) {
      if (!file.contains(each.getKey())) {
        throw new IllegalStateException(page + " lacks " + each.getKey());
      }
      file = file.replace(each.getKey(), each.getValue());
    }
    int port = Ports.free();
    Matcher listener = found(LISTENER, file);
    String pool = listener.group(1);
    file =
        file.replace(
            listener.group(), "{ port: %d, address: 127.0.0.1, pool: %s }".formatted(port, pool));
    // A machine that runs databases, proxy and test at once is slow.
    file =
        INTERVAL
            .matcher(file)
            .replaceFirst(
                found ->
                    found.group(1) == null
                        ? "interval: 500ms, timeout: 4s"
                        : found.group(1) + "interval: 500ms\n" + found.group(1) + "timeout: 4s");
    Path dynamic = Files.writeString(folder.resolve("gateway.yaml"), file);
    return new Recipe(
        ProxyProcess.start(folder, dynamic, "--understudy.admin.token=" + TOKEN), pool, port);
  }

  private static Matcher found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("nothing like " + pattern + " in " + text);
    }
    return matcher;
  }

  /** Where clients connect. */
  int port() {
    return listener;
  }

  private JsonNode document() {
    return JsonMapper.shared().readTree(proxy.manage("/api/pools/" + pool));
  }

  private JsonNode server(String name) {
    return document()
        .at("/servers")
        .valueStream()
        .filter(each -> each.at("/name").asString("").equals(name))
        .findFirst()
        .orElseThrow();
  }

  boolean serves(String server) {
    return document().at("/serving").asString("").equals(server);
  }

  void awaitServing(String server) {
    Await.until(server + " serves", () -> serves(server));
  }

  /** Waits until a server has that status, and its last check said that. */
  void awaitVerdict(String server, String status, String words) {
    Await.until(
        server + " is " + status + ": " + words,
        () -> {
          JsonNode now = server(server);
          return now.at("/status").asString("").equals(status)
              && now.at("/lastProbeText").asString("").contains(words);
        });
  }

  boolean hasEvent(String kind) {
    return proxy.manage("/api/events?pool=" + pool).contains(kind);
  }

  /** Moves the role as an operator does. */
  void switchTo(String server) throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/api/pools/%s/switch".formatted(proxy.managementPort(), pool));
    try (HttpClient client = HttpClient.newHttpClient()) {
      var response =
          client.send(
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/json")
                  .header("Authorization", "Bearer " + TOKEN)
                  .POST(HttpRequest.BodyPublishers.ofString("{\"to\":\"" + server + "\"}"))
                  .build(),
              BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(response.statusCode() + " " + response.body());
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    proxy.close();
  }
}
