package dev.understudy.probe;

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
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import dev.understudy.testing.TcpServer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Probes that send and expect bytes. */
class TcpStepsTest {
  private static final Duration SHORT = Duration.ofMillis(400);

  /** From {@code send x}, {@code text x}, {@code regex x}, {@code hex x} and {@code not x}. */
  private static TcpStep step(String text) {
    String[] words = text.replace("¶", "\r\n").replace('¦', '|').split(" ", 2);
    // At least so many bytes, of "text/5".
    String[] kind = (words[0] + "/0").split("/", -1);
    int least = Integer.parseInt(kind[1]);
    return switch (kind[0]) {
      case "send" -> new TcpStep.Send(Octets.ofText(words[1]));
      case "regex" -> new TcpStep.Expect(false, null, Regex.of(words[1]), least);
      case "hex" -> new TcpStep.Expect(false, Octets.ofHex(words[1]), null, least);
      default -> new TcpStep.Expect(kind[0].equals("not"), Octets.ofText(words[1]), null, least);
    };
  }

  private static List<TcpStep> steps(@Nullable String text) {
    return text == null
        ? List.of()
        : Stream.of(text.split("; ", -1)).map(TcpStepsTest::step).toList();
  }

  /** Reads what has "<" before it and sends the rest, then waits for the end unless it closes. */
  private static Script script(String text) {
    return connection -> {
      for (String turn : text.replace("¶", "\r\n").split("; ", -1)) {
        if (turn.equals("closes")) {
          return;
        } else if (turn.startsWith("< ")) {
          read(connection, turn.substring(2));
        } else if (turn.startsWith("hex ")) {
          connection.socket().getOutputStream().write(HexFormat.of().parseHex(turn.substring(4)));
        } else {
          String[] times = turn.split(" x ", 2);
          connection.send(times.length == 1 ? turn : times[1].repeat(Integer.parseInt(times[0])));
        }
      }
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

  // "¶" is CR and LF, and "¦" a bar; a number and "x" repeat what follows.
  @Rows(
      """
      a connection is enough without steps                    |                            | ``                     | OK        | connected
      bytes sent alone are enough                             | send x                     | ``                     | OK        | responded as expected
      an expected text is good                                | send PING¶; text +PONG     | < PING¶; +PONG¶        | OK        | responded as expected
      a text may come in pieces                               | text +PONG                 | +; PO; NG              | OK        | responded as expected
      bytes that are no text are found                        | hex 00 ff                  | hex 0100ff             | OK        | responded as expected
      an expression is found                                  | regex role:(master¦primary) | # Replication¶role:master¶ | OK  | responded as expected
      one reply may meet several expectations                 | text a; text b; not/1 c    | ab                     | OK        | responded as expected
      a send forgets what came before                         | text hello; send bye; not/2 hello | hello; < bye; ok | OK       | responded as expected
      a miss is final once enough bytes came                  | text/5 +PONG               | -ERR unknown¶          | BAD_BODY  | received "-ERR unknown\\r\\n", expected "+PONG"
      a miss is final when the server closes                  | send a; text +PONG         | < a; -LOADING; closes  | BAD_BODY  | step 2: received "-LOADING", expected "+PONG"
      a text that must not come is bad at once                | not 421                    | 421 too busy           | BAD_BODY  | received "421 too busy", expected no "421"
      the end of the connection shows that a text did not come | not 421                   | 220 hello; closes      | OK        | responded as expected
      a closed connection without a byte is broken            | text 220                   | closes                 | BROKEN    | connection closed without a response
      an expression that never ends is bad                    | regex (a+)+c               | 5000 x a; b            | BAD_BODY  | text-regex "(a+)+c" needs too many steps on these bytes; write a simpler one
      a text that is still missing when the time is over      | send a; text +PONG         | < a; +PO               | TIMED_OUT | step 2: received "+PO", expected "+PONG", within 400 ms
      silence                                                 | text 220                   | ``                     | TIMED_OUT | nothing received, expected "220", within 400 ms
      16 KB without the text are enough                       | text z                     | 20000 x a              | BAD_BODY  | received "80 x a…", expected "z"
      """)
  void steps_run_in_order_until_one_fails(
      String says, @Nullable String steps, String server, ProbeOutcome outcome, String detail) {
    try (ScriptedServer scripted = new ScriptedServer(script(server));
        ProbeHarness harness = new ProbeHarness()) {
      TcpCheck check = new TcpCheck(steps(steps), CheckConnection.DEFAULT);
      Duration timeout = outcome == TIMED_OUT ? SHORT : AMPLE;
      Observation.Probe probe = harness.probe(check, scripted.port(), timeout);
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(outcome);
      assertThat(probe.detail()).isEqualTo(detail.replace("80 x a", "a".repeat(80)));
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
              steps("send hi¶¶; text ok"), new CheckConnection(OptionalInt.empty(), null, true));
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
