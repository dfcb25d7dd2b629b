package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BAD_BODY;
import static dev.understudy.health.ProbeOutcome.BROKEN;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Octets;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Regex;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TcpStep;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import dev.understudy.testing.TcpServer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Probes that send and expect bytes. */
class TcpStepsTest {
  private static final Duration SHORT = Duration.ofMillis(400);

  private record Row(
      String says,
      List<TcpStep> steps,
      Script server,
      Duration timeout,
      ProbeOutcome outcome,
      String detail) {
    @Override
    public String toString() {
      return says;
    }
  }

  private static Row row(
      String says, List<TcpStep> steps, Script server, ProbeOutcome outcome, String detail) {
    return new Row(says, steps, server, AMPLE, outcome, detail);
  }

  private static TcpStep send(String text) {
    return new TcpStep.Send(Octets.ofText(text));
  }

  private static TcpStep text(String text) {
    return new TcpStep.Expect(false, Octets.ofText(text), null, 0);
  }

  private static TcpStep regex(String regex) {
    return new TcpStep.Expect(false, null, Regex.of(regex), 0);
  }

  private static TcpStep not(String text, int minBytes) {
    return new TcpStep.Expect(true, Octets.ofText(text), null, minBytes);
  }

  private static Script says(String text) {
    return connection -> {
      connection.send(text);
      connection.awaitEnd();
    };
  }

  private static Script replies(String request, String reply) {
    return connection -> {
      read(connection, request);
      connection.send(reply);
      connection.awaitEnd();
    };
  }

  private static void read(Connection connection, String expected) throws Exception {
    byte[] bytes =
        connection
            .socket()
            .getInputStream()
            .readNBytes(expected.getBytes(StandardCharsets.UTF_8).length);
    assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(expected);
  }

  static List<Row> rows() {
    return List.of(
        row("a connection is enough without steps", List.of(), says(""), OK, "connected"),
        row(
            "bytes sent alone are enough",
            List.of(send("x")),
            says(""),
            OK,
            "responded as expected"),
        row(
            "an expected text is good",
            List.of(send("PING\r\n"), text("+PONG")),
            replies("PING\r\n", "+PONG\r\n"),
            OK,
            "responded as expected"),
        row(
            "a text may come in pieces",
            List.of(text("+PONG")),
            connection -> {
              for (String piece : List.of("+", "PO", "NG")) {
                connection.send(piece);
              }
              connection.awaitEnd();
            },
            OK,
            "responded as expected"),
        row(
            "bytes that are no text are found",
            List.of(new TcpStep.Expect(false, Octets.ofHex("00 ff"), null, 0)),
            connection -> {
              connection.socket().getOutputStream().write(new byte[] {1, 0, (byte) 0xff});
              connection.awaitEnd();
            },
            OK,
            "responded as expected"),
        row(
            "an expression is found",
            List.of(regex("role:(master|primary)")),
            says("# Replication\r\nrole:master\r\n"),
            OK,
            "responded as expected"),
        row(
            "one reply may meet several expectations",
            List.of(text("a"), text("b"), not("c", 1)),
            says("ab"),
            OK,
            "responded as expected"),
        row(
            "a send forgets what came before",
            List.of(
                text("hello"),
                send("bye"),
                new TcpStep.Expect(true, Octets.ofText("hello"), null, 2)),
            connection -> {
              connection.send("hello");
              read(connection, "bye");
              connection.send("ok");
              connection.awaitEnd();
            },
            OK,
            "responded as expected"),
        row(
            "a miss is final once enough bytes came",
            List.of(new TcpStep.Expect(false, Octets.ofText("+PONG"), null, 5)),
            says("-ERR unknown\r\n"),
            BAD_BODY,
            "received \"-ERR unknown\\r\\n\", expected \"+PONG\""),
        row(
            "a miss is final when the server closes",
            List.of(send("a"), text("+PONG")),
            connection -> {
              read(connection, "a");
              connection.send("-LOADING");
            },
            BAD_BODY,
            "step 2: received \"-LOADING\", expected \"+PONG\""),
        row(
            "a text that must not come is bad at once",
            List.of(not("421", 0)),
            says("421 too busy"),
            BAD_BODY,
            "received \"421 too busy\", expected no \"421\""),
        row(
            "the end of the connection shows that a text did not come",
            List.of(not("421", 0)),
            connection -> connection.send("220 hello"),
            OK,
            "responded as expected"),
        row(
            "a closed connection without a byte is broken",
            List.of(text("220")),
            connection -> {},
            BROKEN,
            "connection closed without a response"),
        row(
            "16 KB without the text are enough",
            List.of(text("z")),
            says("a".repeat(20_000)),
            BAD_BODY,
            "received \"" + "a".repeat(80) + "…\", expected \"z\""),
        row(
            "an expression that never ends is bad",
            List.of(regex("(a+)+c")),
            says("a".repeat(5000) + "b"),
            BAD_BODY,
            "text-regex \"(a+)+c\" needs too many steps on these bytes; write a simpler one"),
        new Row(
            "a text that is still missing when the time is over",
            List.of(send("a"), text("+PONG")),
            replies("a", "+PO"),
            SHORT,
            TIMED_OUT,
            "step 2: received \"+PO\", expected \"+PONG\", within 400 ms"),
        new Row(
            "silence",
            List.of(text("220")),
            Connection::awaitEnd,
            SHORT,
            TIMED_OUT,
            "nothing received, expected \"220\", within 400 ms"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void steps_run_in_order_until_one_fails(Row row) {
    try (ScriptedServer server = new ScriptedServer(row.server());
        ProbeHarness harness = new ProbeHarness()) {
      TcpCheck check = new TcpCheck(row.steps(), CheckConnection.DEFAULT);
      Observation.Probe probe = harness.probe(check, server.port(), row.timeout());
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(row.outcome());
      assertThat(ProbeHarness.detail(probe)).isEqualTo(row.detail());
    }
  }

  @Test
  void a_proxy_protocol_header_comes_first_and_names_the_probes_own_addresses() throws Exception {
    BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    Script script =
        connection -> {
          int port = connection.socket().getPort();
          heads.add(connection.readHead().replace(" " + port + " ", " OURS "));
          connection.send("ok");
          connection.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(script);
        ProbeHarness harness = new ProbeHarness()) {
      TcpCheck check =
          new TcpCheck(
              List.of(send("hi\r\n\r\n"), text("ok")),
              new CheckConnection(OptionalInt.empty(), null, true));
      assertThat(harness.probe(check, server.port(), AMPLE).outcome()).isEqualTo(OK);
      @Nullable String head = heads.poll(20, TimeUnit.SECONDS);
      assertThat(head)
          .isEqualTo("PROXY TCP4 127.0.0.1 127.0.0.1 OURS " + server.port() + "\r\nhi\r\n\r\n");
    }
  }

  @Test
  void a_proxy_protocol_header_is_of_the_traffics_version() throws Exception {
    TcpCheck check = new TcpCheck(List.of(), new CheckConnection(OptionalInt.empty(), null, true));
    try (TcpServer server = new TcpServer();
        ProbeHarness harness = new ProbeHarness()) {
      harness.start(check, server.port(), ProxyHeader.V2, AMPLE);
      try (Socket connection = server.accept()) {
        assertThat(connection.getInputStream().readNBytes(16))
            .asHexString()
            .isEqualToIgnoringCase("0D0A0D0A000D0A515549540A20000000");
      }
      assertThat(harness.next().outcome()).isEqualTo(OK);
    }
  }
}
