package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Answer;
import dev.understudy.testing.TestClient;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server's status line as the client gets it (RFC 9112 §4). */
class ServerStatusTest extends Ways {
  private Answer answer(TestClient client, String line) {
    master.script(
        call -> {
          call.write(line + "\r\nContent-Length: 2\r\n\r\nok");
        });
    return client.get("/");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_status_that_is_not_three_digits_is_no_http(Way way) {
    start(way);
    for (String status :
        List.of(
            "1000", "99", "000", "099", "20", "2", "+20", "+200", "0200", "-20", "2O0", "20x")) {
      Answer answer = answer(client(), "HTTP/1.1 " + status + " OK");
      assertThat(answer.status()).as(status).isEqualTo(502);
      assertThat(seen.outcome().status()).as(status).isEqualTo(502);
    }
    for (String line : List.of("HTTP/1.1 1000", "HTTP/1.1 99", "HTTP/1.0 99 OK", "HTTP/1.1  99")) {
      assertThat(answer(client(), line).status()).as(line).isEqualTo(502);
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void every_status_of_three_digits_is_relayed(Way way) {
    start(way);
    TestClient client = client();
    for (int status : new int[] {200, 299, 306, 418, 499, 599, 600, 777, 999}) {
      Answer answer = answer(client, "HTTP/1.1 " + status + " Odd");
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.body()).isEqualTo("ok");
      assertThat(seen.outcome().status()).isEqualTo(status);
    }
    assertThat(master.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("http1")
  void the_servers_reason_phrase_is_kept(Way way) {
    start(way);
    TestClient client = client();
    for (String line :
        List.of(
            "HTTP/1.1 200 Very Fine",
            "HTTP/1.1 404 Nothing Here",
            "HTTP/1.1 200 OK",
            "HTTP/1.1 500 Ach & Weh; (so)",
            "HTTP/1.1 299 Own",
            "HTTP/1.1 777 Lucky")) {
      assertThat(answer(client, line).head()).startsWith(line + "\r\n");
    }
    assertThat(answer(client, "HTTP/1.1 200 ").head()).startsWith("HTTP/1.1 200 \r\n");
  }

  @ParameterizedTest
  @MethodSource("plain")
  void a_status_that_a_filter_sets_has_its_own_phrase(Way way) {
    if (way.express()) {
      return;
    }
    start(way, "SetStatus=404");
    assertThat(answer(client(), "HTTP/1.1 200 Very Fine").head())
        .startsWith("HTTP/1.1 404 Not Found\r\n");
  }
}
