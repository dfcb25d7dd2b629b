package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.traffic.Limit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How many parts a request may have of which Spring makes objects, from setting to metric. */
class RequestPartsOnSocketsTest {
  /** A request of {@code /before} meets a predicate of Spring's, which does not hold. */
  private static final String ROUTES =
      TestProxy.routes("all", "p", "'Path=/LANE/**'", "[ ]")
          + "  - { id: gateway-before, uri: 'pool://p', predicates: [ 'Path=/before/**',"
          + " 'Header=X-Old, .+', 'Cookie=old, .+', 'Query=old' ] }\n"
          + "  - { id: gateway-behind, uri: 'pool://p', predicates: [ 'Path=/before/**' ] }\n";

  private static final List<String> SPRINGS = List.of("/gateway/", "/before/");

  @AutoClose private static TestProxy proxy;
  private Map<Limit, Integer> before;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        new TestProxy(
            folder,
            TestProxy.POOLS + "routes:\n" + ROUTES,
            TestProxy.tls(
                folder,
                "understudy.client.max-path-segments=10",
                "understudy.client.max-query-parameters=20",
                "understudy.client.max-cookies=30"));
    proxy.requireLanesAsNamed();
  }

  @BeforeEach
  void count() {
    before = proxy.limited();
  }

  @AfterEach
  void next_one_finds_nothing_left() {
    proxy.rest();
    Await.until("nothing is held", () -> proxy.gauge("understudy.client.memory.bytes") == 0);
  }

  /** Parts of a request. */
  @FunctionalInterface
  private interface Sent {
    TestClient by(TestClient client, String path, int more);
  }

  private record Row(String name, int status, Limit limit, Sent sent) {}

  private static String times(int count, String text) {
    return text.repeat(count);
  }

  private static final List<Row> ROWS =
      List.of(
          new Row(
              "segments",
              414,
              Limit.PATH_SEGMENT_COUNT,
              (client, path, more) -> client.request("GET", path + "a" + times(8 + more, "/b"))),
          new Row(
              "segments with parameters",
              414,
              Limit.PATH_SEGMENT_COUNT,
              (client, path, more) ->
                  client.request("GET", path + times(4, "/;a") + times(more, ";"))),
          new Row(
              "values of a matrix parameter",
              414,
              Limit.PATH_SEGMENT_COUNT,
              (client, path, more) -> client.request("GET", path + ";a=1" + times(7 + more, ",2"))),
          new Row(
              "parameters",
              414,
              Limit.QUERY_PARAMETER_COUNT,
              (client, path, more) -> client.request("GET", path + "?" + times(20 + more, "a=1&"))),
          new Row(
              "names of parameters",
              414,
              Limit.QUERY_PARAMETER_COUNT,
              (client, path, more) -> client.request("GET", path + "?" + times(20 + more, "&a"))),
          new Row(
              "cookies",
              431,
              Limit.COOKIE_COUNT,
              (client, path, more) ->
                  client.request("GET", path, "Cookie: " + times(30 + more, "x=;"))),
          new Row(
              "cookies of several fields",
              431,
              Limit.COOKIE_COUNT,
              (client, path, more) ->
                  client.request(
                      "GET",
                      path,
                      "Cookie: " + times(15, "x=1; "),
                      "Cookie: y=1",
                      "Cookie: " + times(14 + more, "z=1;"))));

  static Stream<Arguments> rows() {
    return ROWS.stream()
        .flatMap(
            row ->
                Protocol.STATIC.stream()
                    .map(
                        protocol ->
                            Arguments.argumentSet(row.name + ", " + protocol, row, protocol)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void as_many_as_may_be_pass_and_one_more_is_refused_before_a_server_sees_it(
      Row row, Protocol protocol) {
    for (String path : SPRINGS) {
      int calls = proxy.server.calls().size();
      int told = proxy.limited(row.limit);
      try (TestClient client = proxy.connect(protocol)) {
        assertThat(row.sent.by(client, path, 0).response().status()).as(path).isEqualTo(200);
        Response refused = row.sent.by(client, path, 1).response();
        assertThat(refused.status()).as(path).isEqualTo(row.status);
      }
      Await.until("it is counted", () -> proxy.limited(row.limit) == told + 1);
      assertThat(proxy.server.calls()).hasSize(calls + 1);
    }
    before.merge(row.limit, SPRINGS.size(), Integer::sum);
    assertThat(proxy.limited()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void the_express_lane_which_makes_no_objects_of_them_passes_any_number(
      Row row, Protocol protocol) {
    try (TestClient client = proxy.connect(protocol)) {
      assertThat(row.sent.by(client, "/express/", 50).response().status()).isEqualTo(200);
    }
    assertThat(proxy.limited()).isEqualTo(before);
  }

  @ParameterizedTest
  @FieldSource("dev.understudy.testing.Protocol#STATIC")
  void a_refusal_is_in_the_access_log_like_those_of_other_limits(Protocol protocol) {
    String target = "/gateway/" + protocol + times(12, "/b");
    try (TestClient client = proxy.connect(protocol)) {
      assertThat(client.get(target).status()).isEqualTo(414);
    }
    assertThat(proxy.logged(target)).contains("status=414", "route=-", "end=BAD_REQUEST");
  }

  @ParameterizedTest
  @FieldSource("dev.understudy.testing.Protocol#STATIC")
  void what_becomes_of_the_parts_of_a_request_counts_until_it_has_ended(Protocol protocol) {
    int plain = held(protocol, "/gateway/");
    int more = held(protocol, "/gateway/?" + times(20, "&a"), "Cookie: " + times(30, "x=;"));
    assertThat(more - plain).isGreaterThan(20 * 200 + 30 * 500);
  }

  /** What the client memory has while requests wait for their server. */
  private static int held(Protocol protocol, String target, String... fields) {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          go.await();
          call.reply(200, "late");
        });
    int calls = proxy.server.calls().size();
    try (TestClient client = proxy.connect(protocol)) {
      client.request("GET", target, fields);
      Await.until("the server has it", () -> proxy.server.calls().size() > calls);
      Await.until("it counts", () -> proxy.gauge("understudy.client.memory.bytes") > 0);
      int held = proxy.gauge("understudy.client.memory.bytes");
      go.countDown();
      assertThat(client.response().body()).isEqualTo("late");
      Await.until("it has ended", () -> proxy.gauge("understudy.client.memory.bytes") == 0);
      return held;
    }
  }
}
