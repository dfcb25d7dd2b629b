package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.ServerEvent;
import dev.understudy.file.Sha256;
import dev.understudy.pool.Operator;
import dev.understudy.testing.ConfiguredLogging;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Which role may do what, by method and path, where reads are open and where they need a token. */
@ExtendWith(ConfiguredLogging.class)
@Isolated("has an endpoint of loggers")
class AccessTest {
  private static final String STATE = "/api/pools/sense/servers/sen2/state";
  private static final String POOL_STATE = "/api/pools/sense/state";
  private static final String SWITCH = "/api/pools/sense/switch";
  private static final String LOGGER = "/api/loggers/dev.understudy.nothing";

  @TempDir private static Path directory;
  private static Path file;
  private static AdminServer open;
  private static AdminServer closed;

  @BeforeAll
  static void start() throws IOException {
    file = directory.resolve("tokens.yaml");
    Files.writeString(file, tokens("first"));
    open = new AdminServer("understudy.admin.tokens-file=" + file);
    closed =
        new AdminServer("understudy.admin.tokens-file=" + file, "understudy.admin.reads=token");
  }

  @AfterAll
  static void stop() {
    open.close();
    closed.close();
  }

  @BeforeEach
  void reset() throws IOException {
    Files.writeString(file, tokens("first"));
    open.reset();
    closed.reset();
  }

  /** Alice may change things, grafana may read; the secrets begin with that word. */
  private static String tokens(String word) {
    return """
    tokens:
      - { name: alice, role: operate, token: "%s of alice" }
      - { name: grafana, role: view, sha256: "%s" }
    """
        .formatted(
            word,
            HexFormat.of()
                .formatHex(Sha256.of((word + " of grafana").getBytes(StandardCharsets.UTF_8))));
  }

  private static @Nullable String authorization(String token) {
    return switch (token) {
      case "none" -> null;
      case "basic" -> "Basic c2VjcmV0";
      case "wrong" -> "Bearer first of nobody";
      default -> "Bearer first of " + token;
    };
  }

  private static HttpRequest.Builder request(AdminServer server, String token, String path) {
    HttpRequest.Builder request = server.request(path).header("Content-Type", "application/json");
    String authorization = authorization(token);
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  private static HttpResponse<String> send(
      AdminServer server, String token, String method, String path) {
    String body =
        switch (path) {
          case STATE, POOL_STATE -> "{\"state\":\"ready\"}";
          case SWITCH -> "{\"to\":\"sen2\"}";
          case LOGGER -> "{\"level\":null}";
          default -> "";
        };
    return server.send(request(server, token, path).method(method, BodyPublishers.ofString(body)));
  }

  /**
   * Each status for no token, a wrong one, another scheme, one that may view, and an operator's.
   */
  @Rows(
      """
      // method | path                      | where reads are open    | where they need a token
      GET      | /                         | 200 200 200 200 200     | 200 200 200 200 200
      GET      | /assets/0/console.css     | 404 404 404 404 404     | 404 404 404 404 404
      GET      | /favicon.svg              | 200 200 200 200 200     | 200 200 200 200 200
      GET      | /status                   | 200 200 200 200 200     | 401 401 401 200 200
      HEAD     | /status                   | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /status/sense             | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /%73tatus                 | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/pools                | 200 200 200 200 200     | 401 401 401 200 200
      HEAD     | /api/pools                | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/pools/sense          | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/events               | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/routes               | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/config               | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/config/file          | 401 401 401 403 200     | 401 401 401 403 200
      GET      | /api/agreement            | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/loggers              | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/loggers/ROOT         | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /api/whoami               | 200 401 401 200 200     | 200 401 401 200 200
      GET      | /actuator                 | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /actuator/prometheus      | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /%61ctuator/prometheus    | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /actuator;a/prometheus    | 200 200 200 200 200     | 401 401 401 200 200
      GET      | /actuator/health          | 200 200 200 200 200     | 200 200 200 200 200
      GET      | /actuator/health/liveness | 200 200 200 200 200     | 200 200 200 200 200
      GET      | /actuator/health/readiness| 200 200 200 200 200     | 200 200 200 200 200
      GET      | /api/nothing              | 404 404 404 404 404     | 401 401 401 404 404
      PUT      | /api/pools/sense/servers/sen2/state | 401 401 401 403 200 | 401 401 401 403 200
      PUT      | /api/pools/sense/state    | 401 401 401 403 200     | 401 401 401 403 200
      POST     | /api/pools/sense/switch   | 401 401 401 403 200     | 401 401 401 403 200
      PUT      | /api/loggers/dev.understudy.nothing | 401 401 401 403 200 | 401 401 401 403 200
      DELETE   | /api/pools/sense          | 405 405 405 405 405     | 401 401 401 405 405
      """)
  void a_role_may(String method, String path, String whereOpen, String whereClosed) {
    assertThat(statuses(open, method, path)).isEqualTo(whereOpen);
    assertThat(statuses(closed, method, path)).isEqualTo(whereClosed);
  }

  private static String statuses(AdminServer server, String method, String path) {
    return Stream.of("none", "wrong", "basic", "grafana", "alice")
        .map(
            token ->
                path.startsWith("/actuator/health")
                    ? alone(server, token, path)
                    : send(server, token, method, path).statusCode())
        .map(String::valueOf)
        .collect(Collectors.joining(" "));
  }

  /** On a connection of its own, as the platform's probes come. */
  private static int alone(AdminServer server, String token, String path) {
    String authorization = authorization(token);
    String[] fields =
        authorization == null
            ? new String[] {"Host: localhost"}
            : new String[] {"Host: localhost", "Authorization: " + authorization};
    try (RawClient client = new RawClient(server.managementPort())) {
      return client.get(path, fields).status();
    }
  }

  @Rows(
      """
      none  | Bearer realm="understudy"
      wrong | Bearer realm="understudy", error="invalid_token"
      """)
  void a_refused_read_is_challenged_and_told_in_the_usual_form(String token, String challenge) {
    for (String path : new String[] {"/api/pools", "/actuator/prometheus"}) {
      HttpResponse<String> response = send(closed, token, "GET", path);

      assertThat(response.headers().firstValue("WWW-Authenticate")).contains(challenge);
      assertThat(response.headers().firstValue("Content-Type"))
          .contains("application/problem+json");
      assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(AdminServer.json(response).path("instance").asString()).isEqualTo(path);
    }
  }

  @Test
  void the_refusal_of_a_write_names_the_token_of_role_view() {
    HttpResponse<String> response = send(open, "grafana", "PUT", STATE);

    assertThat(response.headers().firstValue("WWW-Authenticate"))
        .hasValueSatisfying(value -> assertThat(value).contains("insufficient_scope"));
    assertThat(AdminServer.json(response).path("detail").asString())
        .isEqualTo("The token grafana has the role view; expected one of role operate.");
  }

  @Test
  void whoami_says_who_the_client_is_and_what_is_open_to_it() throws IOException {
    assertHas(
        whoami(open, "none"),
        "{name: null, role: null, reads: \"open\", writes: \"on\", writesOff: null}");
    assertHas(
        whoami(closed, "grafana"),
        "{name: \"grafana\", role: \"view\", reads: \"token\", writes: \"on\"}");
    assertHas(
        whoami(open, "alice"),
        "{name: \"alice\", role: \"operate\", reads: \"open\", writes: \"on\"}");

    Files.writeString(file, "tokens: [{ name: grafana, role: view, token: x }]");
    assertHas(
        whoami(open, "none"), "{writes: \"off\", writesOff: \"no token has the role operate\"}");
  }

  private static JsonNode whoami(AdminServer server, String token) {
    return AdminServer.json(send(server, token, "GET", "/api/whoami"));
  }

  @Test
  void a_changed_file_counts_at_once_and_one_of_no_use_keeps_the_tokens_read_before()
      throws IOException {
    Files.writeString(file, tokens("second"));
    assertThat(send(closed, "alice", "GET", "/api/pools").statusCode()).isEqualTo(401);
    assertThat(send(closed, "alice", "PUT", STATE).statusCode()).isEqualTo(401);
    Files.writeString(file, tokens("first"));
    assertThat(send(closed, "alice", "GET", "/api/pools").statusCode()).isEqualTo(200);

    Files.writeString(file, "tokens: [");
    assertThat(send(closed, "alice", "GET", "/api/pools").statusCode()).isEqualTo(200);
    Files.delete(file);
    assertThat(send(closed, "alice", "GET", "/api/pools").statusCode()).isEqualTo(200);

    Files.writeString(file, "tokens: []");
    assertThat(send(closed, "alice", "GET", "/api/pools").statusCode()).isEqualTo(401);
    assertThat(send(open, "alice", "PUT", STATE).statusCode()).isEqualTo(401);
  }

  @Test
  void events_say_who_and_why_and_nothing_where_no_reason_is_given() {
    assertThat(drain("\"disk swap\"").statusCode()).isEqualTo(200);
    open.send(request(open, "alice", SWITCH).POST(BodyPublishers.ofString("{\"to\":\"sen1\"}")));

    assertHas(
        open.json("/api/events"),
        """
        {events: [
          {type: "operator-state-changed", operator: "alice", operatorReason: "disk swap"},
          {type: "switched", operator: "alice", operatorReason: null}]}
        """);
  }

  /** With a reason, as JSON. */
  private static HttpResponse<String> drain(String reason) {
    String body = "{\"state\":\"drain\",\"reason\":" + reason + "}";
    return open.send(request(open, "alice", STATE).PUT(BodyPublishers.ofString(body)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "\" \"",
        "7",
        "[]",
        "\"two\\nlines\"",
        "\"a\\u0000b\"",
        "\"a\\u202eb\"",
        "\"a\\u2028b\""
      })
  void a_reason_that_is_none_is_a_400(String reason) {
    HttpResponse<String> response = drain(reason);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString())
        .startsWith("reason: expected 1 to 200 characters without control characters, found ");
    assertThat(open.events.newest(null, 10)).isEmpty();
  }

  @Test
  void a_reason_has_200_characters_at_most_whatever_they_are_made_of() {
    String longest = "\uD83D\uDEE0".repeat(200);
    assertThat(drain('"' + longest + '"').statusCode()).isEqualTo(200);
    assertThat(open.events.newest(null, 1).getFirst().event())
        .isInstanceOfSatisfying(
            ServerEvent.OperatorStateChanged.class,
            event -> assertThat(event.operator()).isEqualTo(new Operator("alice", longest)));
    assertThat(drain('"' + longest + "x\"").statusCode()).isEqualTo(400);
    assertThat(drain('"' + "a".repeat(201) + '"').statusCode()).isEqualTo(400);
  }

  @Test
  void refused_requests_are_counted_by_cause() {
    Map<RefusalLog.Cause, Long> before = refused();

    send(closed, "none", "GET", "/api/pools");
    send(closed, "none", "PUT", STATE);
    send(closed, "wrong", "GET", "/api/whoami");
    send(closed, "grafana", "PUT", STATE);
    closed.send(
        request(closed, "alice", "/api/pools")
            .header("Sec-Fetch-Site", "cross-site")
            .header("Sec-Fetch-Mode", "cors"));

    Map<RefusalLog.Cause, Long> more = refused();
    more.replaceAll((cause, count) -> count - before.get(cause));
    more.values().removeIf(count -> count == 0);
    assertThat(more)
        .isEqualTo(
            Map.of(
                RefusalLog.Cause.NO_TOKEN, 2L,
                RefusalLog.Cause.WRONG_TOKEN, 1L,
                RefusalLog.Cause.ROLE, 1L,
                RefusalLog.Cause.FOREIGN_ORIGIN, 1L));
  }

  private static Map<RefusalLog.Cause, Long> refused() {
    RefusalLog refusals = closed.context().getBean(RefusalLog.class);
    return Stream.of(RefusalLog.Cause.values())
        .collect(Collectors.toMap(cause -> cause, cause -> RefusalCount.of(refusals, cause)));
  }

  @Tag(Extent.SLOW)
  @Test
  void a_stream_wants_a_token_and_ends_once_that_is_no_longer_accepted() throws IOException {
    String path = "/api/events/stream";
    assertThat(send(closed, "none", "GET", path).statusCode()).isEqualTo(401);
    try (StreamClient stream =
        new StreamClient(closed, path, "Authorization: " + authorization("grafana"))) {
      stream.next(":understudy");
      Files.writeString(file, tokens("second"));
      assertThat(stream.raw().readUntil("\r\n0\r\n\r\n")).as("the last chunk").isNotEmpty();
    }
  }
}
