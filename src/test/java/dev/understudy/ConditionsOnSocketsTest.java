package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.PlainListener;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.LeakWatch;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Filters with conditions and values of the request, from the file to the response: each row in
 * both lanes and over all protocols.
 */
@ExtendWith(LeakWatch.class)
class ConditionsOnSocketsTest {
  private static final List<String> LANES = List.of("express", "gateway");

  /**
   * One behaviour.
   *
   * @param filters of the row's route, as the file has them
   * @param request method, target and header fields
   * @param seen what the response or, after {@code > }, the server's request has; after {@code ! }
   *     what neither has
   */
  private record Row(
      String name, List<String> filters, List<String> request, int status, List<String> seen) {
    static Row of(
        String name, List<String> filters, List<String> request, int status, String... seen) {
      return new Row(name, filters, request, status, List.of(seen));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private record Case(Row row, int index, String lane, Protocol protocol) {
    String host() {
      return lane + index + ".test";
    }

    @Override
    public String toString() {
      return row.name() + ", " + lane + ", " + protocol;
    }
  }

  private static final List<String> DENY =
      List.of("Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8)");

  private static final List<Row> ROWS =
      List.of(
          Row.of("a filter whose condition holds applies", DENY, List.of("/admin/x"), 403),
          Row.of("any other request passes", DENY, List.of("/x"), 200, "> GET /x "),
          Row.of(
              "a client of the excepted network passes",
              List.of("Deny=403 when path-prefix(/admin) and not client-address(127.0.0.0/8)"),
              List.of("/admin/x"),
              200),
          Row.of("an encoded path does not lead around", DENY, List.of("/%61dmin/x"), 403),
          Row.of("two slashes do not lead around", DENY, List.of("//admin/x"), 403),
          Row.of("dot segments do not lead around", DENY, List.of("/x/../admin/x"), 403),
          Row.of("parameters do not lead around", DENY, List.of("/;a/admin"), 403),
          Row.of("an encoded slash does not lead around", DENY, List.of("/%2Fadmin"), 403));

  private static TestServer one;
  private static TestServer other;
  private static ConfigurableApplicationContext context;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    one = new TestServer("one", call -> reply("one", call));
    other = new TestServer("other", call -> reply("other", call));
    Certificates certificates = new Certificates(folder);
    certificates.issue("main", "localhost");
    Path file = Files.writeString(folder.resolve("gateway.yaml"), text());
    List<String> settings = new ArrayList<>(certificates.properties("main"));
    settings.addAll(
        List.of(
            "server.port=0",
            "server.ssl.bundle=main",
            "understudy.http.port=0",
            "management.server.port=0",
            "logging.level.root=warn",
            "understudy.drain.delay=0s",
            "understudy.config=" + file));
    SpringApplication application = new SpringApplication(Application.class);
    application.setRegisterShutdownHook(false);
    context = application.run(settings.stream().map(each -> "--" + each).toArray(String[]::new));
  }

  /** Replies with the request's head; the path may name the status. */
  private static void reply(String name, TestServer.Call call) throws Exception {
    int at = call.line().indexOf("/status/");
    int status = at < 0 ? 200 : Integer.parseInt(call.line().substring(at + 8, at + 11));
    call.reply(status, "server: " + name + "\r\n" + call.head());
  }

  private static String text() {
    StringBuilder text =
        new StringBuilder(
            """
            pools:
              p: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp } }
              q: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp } }
            routes:
            """
                .formatted(one.port(), other.port()));
    for (int i = 0; i < ROWS.size(); i++) {
      for (String lane : LANES) {
        String more = lane.equals("gateway") ? ", 'After=2020-01-01T00:00:00Z'" : "";
        text.append(
            "  - { id: %1$s%2$d, uri: 'pool://p', predicates: [ 'Host=%1$s%2$d.test'%3$s ] }\n"
                .formatted(lane, i, more)
                .replace(
                    " }\n",
                    ", filters: [ " + String.join(", ", quoted(ROWS.get(i).filters())) + " ] }\n"));
      }
    }
    return text.toString();
  }

  private static List<String> quoted(List<String> filters) {
    return filters.stream()
        .map(each -> each.startsWith("{") ? each : "'" + each.replace("'", "''") + "'")
        .toList();
  }

  @AfterAll
  static void stop() {
    context.close();
    one.close();
    other.close();
  }

  private static int port(Protocol protocol) {
    return protocol.isSecure()
        ? context.getEnvironment().getRequiredProperty("local.server.port", Integer.class)
        : context.getBean(PlainListener.class).port();
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < ROWS.size(); i++) {
      for (String lane : LANES) {
        for (Protocol protocol : Protocol.values()) {
          cases.add(new Case(ROWS.get(i), i, lane, protocol));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_row_holds(Case each) {
    Response response = response(each);
    assertThat(response.status()).isEqualTo(each.row().status());
    String all = (response.head() + "\r\n\r\n> " + response.body()).toLowerCase();
    for (String seen : each.row().seen()) {
      String expected = seen.replace("HOST", each.host()).toLowerCase();
      if (seen.startsWith("! ")) {
        assertThat(all).doesNotContain(expected.substring(2));
      } else {
        assertThat(all.replace("\r\n", "\r\n> ")).contains(expected);
      }
    }
  }

  private static Response response(Case each) {
    List<String> words = each.row().request();
    boolean method = !words.get(0).startsWith("/");
    List<String> fields = new ArrayList<>(List.of("Host: " + each.host()));
    fields.addAll(words.subList(method ? 2 : 1, words.size()));
    try (TestClient client = each.protocol().connect(port(each.protocol()))) {
      return client
          .request(
              method ? words.get(0) : "GET",
              words.get(method ? 1 : 0),
              fields.toArray(String[]::new))
          .response(method ? words.get(0) : "GET");
    }
  }
}
