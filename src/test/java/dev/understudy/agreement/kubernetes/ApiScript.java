package dev.understudy.agreement.kubernetes;

import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.kubernetes.KubernetesSettings.Given;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Plays an API server, byte for byte; remembers what it was asked. */
final class ApiScript implements Script {
  static final String EMPTY_LIST =
      "{\"kind\":\"LeaseList\",\"metadata\":{\"resourceVersion\":\"7\"}}";

  private final List<Script> steps;
  private final AtomicInteger connections = new AtomicInteger();
  final List<String> heads = new CopyOnWriteArrayList<>();

  private ApiScript(List<Script> steps) {
    this.steps = steps;
  }

  /** One step for each connection; the last for all others too. */
  static ApiScript of(Script... steps) {
    return new ApiScript(new ArrayList<>(List.of(steps)));
  }

  @Override
  public void run(Connection connection) throws Exception {
    int number = connections.getAndIncrement();
    String head = connection.readHead();
    if (head.isEmpty()) {
      return;
    }
    heads.add(head);
    steps.get(Math.min(number, steps.size() - 1)).run(connection);
  }

  /** Header fields of a request that was received, with that name. */
  @Nullable String header(int request, String name) {
    for (String line : heads.get(request).split("\r\n")) {
      if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return null;
  }

  static Script respond(String status, String body, String... fields) {
    return connection -> connection.send(response(status, body, fields));
  }

  private static String response(String status, String body, String... fields) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\nConnection: close\r\n");
    for (String field : fields) {
      head.append(field).append("\r\n");
    }
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return head + "Content-Length: " + length + "\r\n\r\n" + body;
  }

  static Script status(int code, String reason, String message, String... fields) {
    return respond(code + " " + reason, statusObject(code, reason, message), fields);
  }

  static String statusObject(int code, String reason, String message) {
    return "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"%s\",\"reason\":\"%s\",\"code\":%d}"
        .formatted(message, reason, code);
  }

  /** A watch that sends these parts, each in a chunk of its own, and stays open. */
  static Script watch(String... parts) {
    return connection -> {
      sendChunks(connection, parts);
      connection.awaitEnd();
    };
  }

  /** A watch that ends properly after these parts. */
  static Script endingWatch(String... parts) {
    return connection -> {
      sendChunks(connection, parts);
      connection.send("0\r\n\r\n");
    };
  }

  private static void sendChunks(Connection connection, String... parts) throws IOException {
    connection.socket().setTcpNoDelay(true);
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.ISO_8859_1);
      connection.send(Integer.toHexString(bytes.length) + "\r\n");
      connection.socket().getOutputStream().write(bytes);
      connection.send("\r\n");
    }
  }

  /** A watch event about a pool's Lease of the installation {@code u}. */
  static String event(String type, String pool, long revision) {
    return "{\"type\":\"%s\",\"object\":%s}\n".formatted(type, lease(pool, revision));
  }

  static String lease(String pool, long revision) {
    return ("{\"kind\":\"Lease\",\"metadata\":{\"name\":\"u-pool-%s\",\"uid\":\"i\","
            + "\"resourceVersion\":\"%d\"},\"spec\":{\"holderIdentity\":\"master\"}}")
        .formatted(pool, revision);
  }

  /** Settings for a server on that local port. */
  static KubernetesSettings settings(
      String scheme, int port, @Nullable Path token, @Nullable Path ca) {
    Given given =
        new Given(
            scheme + "://127.0.0.1:" + port,
            "shop",
            token == null ? null : token.toString(),
            ca == null ? null : ca.toString());
    return KubernetesSettings.of(
        given, "u", "proxy-1", null, variable -> null, Path.of("/nowhere"));
  }
}
