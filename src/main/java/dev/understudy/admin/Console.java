package dev.understudy.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The console's files, held in memory. They are not static resources of Spring Boot, which the main
 * port would serve too.
 */
final class Console {
  /** Allows only same-origin sources, nothing inline and no framing. */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Console() {}

  /** Returns the handler of GET for each path. */
  static Map<String, HandlerFunction<ServerResponse>> files() {
    return Map.of(
        "/", file("index.html", "text/html;charset=utf-8"),
        "/console.css", file("console.css", "text/css;charset=utf-8"),
        "/console.js", file("console.js", "text/javascript;charset=utf-8"),
        "/favicon.svg", file("favicon.svg", "image/svg+xml"));
  }

  private static HandlerFunction<ServerResponse> file(String name, String type) {
    byte[] bytes = load("console/" + name);
    return request ->
        ServerResponse.ok()
            .contentType(MediaType.parseMediaType(type))
            .header(HttpHeaders.CACHE_CONTROL, "no-cache")
            .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            .bodyValue(bytes);
  }

  private static byte[] load(String name) {
    try (InputStream in = Console.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("this build lacks " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
