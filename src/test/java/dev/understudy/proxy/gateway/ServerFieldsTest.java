package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Header lines of a server's response that are no fields (RFC 9112 §5), and those that may pass.
 */
@ParameterizedClass
@MethodSource("lanes")
class ServerFieldsTest extends LaneProtocolTable {
  private Response response(TestClient client, String version, String lines) {
    master.script(call -> call.write(version + " 200 OK\r\n" + lines + "\r\n\r\nhello"));
    return client.get("/");
  }

  @Test
  void a_line_that_is_no_field_makes_the_response_no_http() {
    start(lane);
    TestClient client = client();
    String length = "Content-Length: 5";
    for (String line :
        List.of(
            "X y",
            "X y: z",
            "X  ",
            "X \u000b: y",
            "XY",
            ":",
            ": y",
            "X(: y",
            "X\u0001: y",
            "X: y\u0000z",
            "X: y\rz",
            "X: y\nz: a")) {
      for (String lines :
          List.of(line + "\r\n" + length, length + "\r\n" + line, "A: :\r\n" + line)) {
        Response response = response(client, "HTTP/1.1", lines);
        assertThat(response.status()).as(lines).isEqualTo(502);
        assertThat(seen.outcome().status()).as(lines).isEqualTo(502);
      }
    }
    for (String first : List.of(" X: y", "\tX: y", " : y", " y")) {
      assertThat(response(client, "HTTP/1.1", first + "\r\n" + length).status())
          .as(first)
          .isEqualTo(502);
    }
  }

  @Test
  void a_length_that_is_not_one_number_makes_the_response_no_http() {
    start(lane);
    TestClient client = client();
    for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
      for (String lines :
          List.of(
              "Content-Length: 5\r\nContent-Length: 4",
              "Content-Length: 4\r\nX: y\r\ncontent-length: 5",
              "Content-Length: 5, 4",
              "Content-Length: +5",
              "Content-Length: 0x5",
              "Content-Length:",
              "Content-Length: 5\r\nContent-Length:")) {
        Response response = response(client, version, lines);
        assertThat(response.status()).as("%s %s", version, lines).isEqualTo(502);
      }
    }
    assertThat(response(client, "HTTP/1.0", "Transfer-Encoding: chunked").status()).isEqualTo(502);
  }

  /** RFC 9112 §5.1: a proxy removes white space before the colon; §5.2: it may unfold. */
  @Test
  void white_space_before_a_colon_is_removed_and_a_folded_line_is_joined() {
    start(lane);
    TestClient client = client();
    for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
      Response response =
          response(client, version, "X-A : a\r\nX-B \t:b\r\nX-C: c\r\n d\r\nContent-Length: 5");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("x-a")).isEqualTo("a");
      assertThat(response.header("x-b")).isEqualTo("b");
      assertThat(response.header("x-c")).isEqualTo("c d");
      assertThat(response.body()).isEqualTo("hello");
    }
  }
}
