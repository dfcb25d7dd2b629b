package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BAD_BODY;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static dev.understudy.probe.ProbeHarness.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.Header;
import dev.understudy.pool.HttpCheck;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a server sees of an HTTP probe: its request, and when it goes. */
class HttpProbeMannersTest {
  /** Begins its response so, once it has a request. */
  private static ScriptedServer serving(String head, Script then) {
    return new ScriptedServer(
        connection -> {
          connection.readHead();
          connection.send(head);
          then.run(connection);
        });
  }

  private String headSentFor(HttpCheck check) throws Exception {
    CompletableFuture<String> head = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                connection -> {
                  head.complete(connection.readHead());
                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
        ProbeHarness harness = new ProbeHarness()) {
      HttpCheck there =
          new HttpCheck(
              check.method(),
              check.path(),
              check.host(),
              check.headers(),
              check.expect(),
              null,
              new CheckConnection(OptionalInt.of(server.port()), null, false));
      assertThat(harness.probe(there, 1, AMPLE).outcome()).isEqualTo(OK);
      return head.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void request_goes_to_the_checks_port_with_the_servers_authority() throws Exception {
    assertThat(headSentFor(HttpCheck.DEFAULT))
        .startsWith("GET /status HTTP/1.1\r\n")
        .containsIgnoringCase("\r\nhost: 127.0.0.1:1\r\n")
        .containsIgnoringCase("\r\nconnection: close\r\n");
  }

  @Test
  void method_target_host_and_headers_are_sent_as_configured() throws Exception {
    HttpCheck check =
        new HttpCheck(
            "POST",
            "/check?a=%7C",
            "app.example",
            List.of(new Header("X-A", "1"), new Header("X-A", "2"), new Header("user-agent", "me")),
            Expectation.DEFAULT,
            null,
            CheckConnection.DEFAULT);
    assertThat(headSentFor(check))
        .startsWith("POST /check?a=%7C HTTP/1.1\r\n")
        .containsIgnoringCase("\r\nhost: app.example\r\n")
        .contains("\r\nX-A: 1\r\nX-A: 2\r\n")
        .containsIgnoringCase("\r\nuser-agent: me\r\n")
        .doesNotContain("understudy-probe")
        .containsIgnoringCase("\r\ncontent-length: 0\r\n");
  }

  @Test
  void head_has_no_body_whatever_its_length_says() {
    HttpCheck check =
        new HttpCheck("HEAD", "/", null, List.of(), body("version"), null, CheckConnection.DEFAULT);
    try (ScriptedServer server =
            serving("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", Connection::awaitEnd);
        ProbeHarness harness = new ProbeHarness()) {
      assertThat(harness.probe(check, server.port(), AMPLE).outcome()).isEqualTo(BAD_BODY);
    }
  }

  @Test
  void server_is_not_cut_off_once_the_verdict_is_reported() throws Exception {
    CountDownLatch verdict = new CountDownLatch(1);
    CompletableFuture<Boolean> stillOpen = new CompletableFuture<>();
    try (ScriptedServer server =
            serving(
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                connection -> {
                  verdict.await();
                  stillOpen.complete(isOpen(connection));
                  connection.send("hello");
                });
        ProbeHarness harness = new ProbeHarness()) {
      assertThat(harness.probe(HttpCheck.DEFAULT, server.port(), AMPLE).outcome()).isEqualTo(OK);
      verdict.countDown();
      assertThat(stillOpen.get(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean isOpen(Connection connection) throws Exception {
    connection.socket().setSoTimeout(300);
    try {
      return connection.socket().getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    }
  }

  @Test
  void response_without_end_is_broken_off_at_64_kb() throws Exception {
    CompletableFuture<Void> brokenOff = new CompletableFuture<>();
    try (ScriptedServer server =
            serving(
                "HTTP/1.1 200 OK\r\n\r\n",
                connection -> {
                  try {
                    while (true) {
                      connection.send("x".repeat(1024));
                    }
                  } finally {
                    brokenOff.complete(null);
                  }
                });
        ProbeHarness harness = new ProbeHarness()) {
      assertThat(harness.probe(HttpCheck.DEFAULT, server.port(), AMPLE).outcome()).isEqualTo(OK);
      brokenOff.get(15, TimeUnit.SECONDS);
    }
  }

  @Test
  void connection_ends_when_time_is_up_although_the_verdict_was_good() throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    try (ScriptedServer server =
            serving(
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                connection -> {
                  connection.awaitEnd();
                  ended.complete(null);
                });
        ProbeHarness harness = new ProbeHarness()) {
      assertThat(harness.probe(HttpCheck.DEFAULT, server.port(), Duration.ofSeconds(5)).outcome())
          .isEqualTo(OK);
      ended.get(20, TimeUnit.SECONDS);
    }
  }
}
