package dev.understudy.agreement.etcd;

import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A member's gateway on loopback that responses each request as its script says. */
final class FakeGateway implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  /** What a single member cluster says before each response. */
  static final String HEADER =
      "\"header\":{\"cluster_id\":\"14841639068965178418\",\"revision\":\"%d\"}";

  /** One request, kept. */
  record Request(String path, String head, JsonNode body) {
    /** Without the blank after the name; empty: not sent. */
    String header(String name) {
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst()
          .orElse("");
    }
  }

  /** What happens to one request. */
  @FunctionalInterface
  interface Script {
    void respond(Request request, Connection connection) throws Exception;
  }

  private final ScriptedServer server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  FakeGateway(Script script) {
    server =
        new ScriptedServer(
            connection -> {
              for (String head = connection.readHead();
                  !head.isEmpty();
                  head = connection.readHead()) {
                Request request = request(head, connection);
                requests.add(request);
                script.respond(request, connection);
              }
            });
  }

  private static Request request(String head, Connection connection) throws IOException {
    int length =
        head.lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
            .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
            .findFirst()
            .orElse(0);
    byte[] body = connection.socket().getInputStream().readNBytes(length);
    return new Request(head.split(" ", 3)[1], head, JSON.readTree(body));
  }

  String url() {
    return "http://127.0.0.1:" + server.port();
  }

  /** All that came, oldest first. */
  List<Request> requests() {
    return requests;
  }

  List<Request> requests(String path) {
    return requests.stream().filter(request -> request.path().equals(path)).toList();
  }

  /** Connections that are open. */
  int open() {
    return server.open();
  }

  static void respond(Connection connection, int status, String body) throws IOException {
    respond(connection, status, "", body);
  }

  /** With further header lines, each ended. */
  static void respond(Connection connection, int status, String headers, String body)
      throws IOException {
    connection.send(
        "HTTP/1.1 "
            + status
            + " x\r\nContent-Type: application/json\r\n"
            + headers
            + "Content-Length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n\r\n"
            + body);
  }

  /** Begins a stream. */
  static void stream(Connection connection) throws IOException {
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  /** One chunk of a stream. */
  static void chunk(Connection connection, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    connection
        .socket()
        .getOutputStream()
        .write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    connection.socket().getOutputStream().write(bytes);
    connection.send("\r\n");
  }

  static String header(long revision) {
    return HEADER.formatted(revision);
  }

  /** A listing without entries. */
  static String empty(long revision) {
    return "{" + header(revision) + "}";
  }

  static String error(int code, String text) {
    return "{\"error\":\"%s\",\"message\":\"%s\",\"code\":%d}".formatted(text, text, code);
  }

  @Override
  public void close() {
    server.close();
  }
}
