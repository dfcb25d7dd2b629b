package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A server's status line as the client gets it (RFC 9112 §4). */
class ServerStatusTest extends LaneProtocolTable {
  private Response response(TestClient client, String line) {
    master.script(
        call -> {
          call.write(line + "\r\nContent-Length: 2\r\n\r\nok");
        });
    return client.get("/");
  }

  /** {@code StatusLineTest} has all that is none. */
  @ParameterizedTest
  @MethodSource("lanes")
  void a_line_that_is_no_status_line_is_no_http(LaneProtocol lane) {
    start(lane);
    TestClient client = client();
    for (String line :
        List.of(
            "HTTP/1.1 1000 OK",
            "HTTP/1.1 99",
            "HTTP/1.0 099 OK",
            "HTTP/1.1 -20 OK",
            "HTTP/1.1 2O0 OK",
            "HTTP/2.0 200 OK",
            "HTTP/1.10 200 OK",
            "HTTP/4294967297.1 200 OK",
            "HTTP/1.4294967297 200 OK",
            "  HTTP/1.1 200 OK",
            "HTTP/1.1\t200 OK",
            "HTTP/1.1 ",
            "HTTP/1.1 200 O\u0000K",
            "HTTP/1.1 200 O\rK",
            "HTTP/1.1 200 O\u007fK")) {
      assertThat(response(client, line).status()).as(line).isEqualTo(502);
      assertThat(seen.outcome().status()).as(line).isEqualTo(502);
    }
    for (String reason : List.of("O\tK", "  OK", " \t ", "Sch\u00f6n")) {
      Response response = response(client, "HTTP/1.1 200 " + reason);
      assertThat(response.status()).as(reason).isEqualTo(200);
      assertThat(response.body()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @MethodSource("lanes")
  void a_later_minor_version_is_read_as_1_1(LaneProtocol lane) {
    start(lane);
    TestClient client = client();
    for (String version : List.of("1.1", "1.2", "1.9")) {
      master.script(
          call ->
              call.write(
                  "HTTP/%s 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
                      .formatted(version)));
      Response response = client.get("/");
      assertThat(response.body()).as(version).isEqualTo("ok");
      assertThat(response.reset()).isFalse();
      if (!lane.isHttp2()) {
        assertThat(response.head()).startsWith("HTTP/1.1 200 OK\r\n");
      }
    }
    assertThat(master.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("lanes")
  void every_status_of_three_digits_is_relayed(LaneProtocol lane) {
    start(lane);
    TestClient client = client();
    for (int status : new int[] {200, 299, 306, 418, 499, 599, 600, 777, 999}) {
      Response response = response(client, "HTTP/1.1 " + status + " Odd");
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.body()).isEqualTo("ok");
      assertThat(seen.outcome().status()).isEqualTo(status);
    }
    assertThat(master.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("http1")
  void the_servers_reason_phrase_is_kept(LaneProtocol lane) {
    start(lane);
    TestClient client = client();
    for (String line :
        List.of(
            "HTTP/1.1 200 Very Fine",
            "HTTP/1.1 404 Nothing Here",
            "HTTP/1.1 200 OK",
            "HTTP/1.1 500 Ach & Weh; (so)",
            "HTTP/1.1 299 Own",
            "HTTP/1.1 777 Lucky")) {
      assertThat(response(client, line).head()).startsWith(line + "\r\n");
    }
    for (String line : List.of("HTTP/1.1 200 ", "HTTP/1.1 200")) {
      assertThat(response(client, line).head()).startsWith("HTTP/1.1 200 \r\n");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GATEWAY_HTTP_1_1", "GATEWAY_TLS"})
  void a_status_that_a_filter_sets_has_its_own_phrase(LaneProtocol lane) {
    start(lane, "SetStatus=404");
    assertThat(response(client(), "HTTP/1.1 200 Very Fine").head())
        .startsWith("HTTP/1.1 404 Not Found\r\n");
  }
}
