package dev.understudy.demo;

import com.fasterxml.jackson.annotation.JsonRawValue;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The management port of the proxy in front of the demo, reached over HTTP as everybody reaches it.
 */
public final class DemoConsole {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
  private static final int MOST_EVENTS = 20;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(REQUEST_TIMEOUT)
          .build();

  private final int port;
  private final @Nullable String token;

  /**
   * Creates the view of a management port on the loopback address, without TLS.
   *
   * @param token for writes; null if the demo has none of its own
   */
  public DemoConsole(int port, @Nullable String token) {
    this.port = port;
    this.token = token;
  }

  /**
   * Returns the console's address; it takes the token from the fragment, which browsers do not
   * send.
   */
  public String link() {
    return address() + (token == null ? "" : "#token=" + token);
  }

  /** The console's address without the token; it ends with a slash. */
  public String address() {
    return "http://localhost:" + port + "/";
  }

  /** What a page needs to link the console; {@code token} is null for those who may not have it. */
  record Link(int port, @Nullable String token) {}

  /**
   * Returns what a page needs to link the console.
   *
   * @param trusted whether the reader may have the token
   */
  Link linkFor(boolean trusted) {
    return new Link(port, trusted ? token : null);
  }

  /**
   * The demo's pool and what happened to it.
   *
   * @param pool as {@code GET /api/pools/demo} has it
   * @param history the newest events as {@code GET /api/events} has them
   */
  record PoolView(Instant now, @JsonRawValue String pool, @JsonRawValue String history) {}

  /** Asks where the demo's pool stands and what happened to it. */
  CompletableFuture<PoolView> pool() {
    return read("/api/pools/demo")
        .thenCombine(
            read("/api/events?pool=demo&limit=" + MOST_EVENTS),
            (pool, events) -> new PoolView(Instant.now(), pool, events));
  }

  private CompletableFuture<String> read(String path) {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
            .timeout(REQUEST_TIMEOUT);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.sendAsync(request.build(), BodyHandlers.ofString())
        .thenApply(
            response -> {
              if (response.statusCode() != 200) {
                throw new IllegalStateException("status " + response.statusCode());
              }
              return response.body();
            });
  }
}
