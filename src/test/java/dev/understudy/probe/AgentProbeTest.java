package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BROKEN;
import static dev.understudy.health.ProbeOutcome.CONNECT_FAILED;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.AgentCheck;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Questions to agents, on sockets. */
class AgentProbeTest {
  private record Row(
      String says, @Nullable String send, Script agent, ProbeOutcome outcome, String detail) {
    @Override
    public String toString() {
      return says;
    }
  }

  static List<Row> rows() {
    return List.of(
        new Row(
            "a line",
            null,
            connection -> {
              connection.send("up 75%\nmore");
              connection.awaitEnd();
            },
            OK,
            "up 75%"),
        new Row(
            "a line in pieces, ended by CR",
            null,
            connection -> {
              connection.send("dra");
              connection.send("in\r");
              connection.awaitEnd();
            },
            OK,
            "drain"),
        new Row("all up to the end", null, connection -> connection.send("maint"), OK, "maint"),
        new Row(
            "a question is sent first",
            "how?\n",
            connection -> {
              byte[] question = connection.socket().getInputStream().readNBytes(5);
              connection.send(new String(question, java.nio.charset.StandardCharsets.UTF_8));
            },
            OK,
            "how?"),
        new Row(
            "a long line is cut",
            null,
            connection -> {
              connection.send("x".repeat(5000));
              connection.awaitEnd();
            },
            OK,
            "x".repeat(200)),
        new Row(
            "nothing before the end",
            null,
            connection -> {},
            BROKEN,
            "connection closed without a response"),
        new Row("silence", null, Connection::awaitEnd, TIMED_OUT, "no response within 1500 ms"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_reply_of_an_agent_is_read_word_by_word(Row row) {
    try (ScriptedServer agent = new ScriptedServer(row.agent());
        ProbeHarness harness = new ProbeHarness()) {
      AgentCheck check = new AgentCheck(agent.port(), null, Duration.ofSeconds(2), row.send());
      Observation.Probe probe = harness.probe(check, 1, Duration.ofMillis(1500));
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(row.outcome());
      assertThat(ProbeHarness.detail(probe)).isEqualTo(row.detail());
    }
  }

  @Test
  void an_agent_that_is_not_there_cannot_be_connected() throws IOException {
    try (Socket deaf = new Socket();
        ProbeHarness harness = new ProbeHarness()) {
      // Whose port nobody else can have meanwhile.
      deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      AgentCheck check = new AgentCheck(deaf.getLocalPort(), null, Duration.ofSeconds(2), null);
      assertThat(harness.probe(check, 1, AMPLE).outcome()).isEqualTo(CONNECT_FAILED);
    }
  }
}
