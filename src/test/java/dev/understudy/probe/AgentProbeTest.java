package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.AgentCheck;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Questions to agents, on sockets. */
class AgentProbeTest {
  // What the agent sends, in pieces; the connection stays open after "…".
  @Rows(
      """
      a line                         |      | up 75%␊more…  | OK        | up 75%
      a line in pieces, ended by CR  |      | dra; in␍…     | OK        | drain
      all up to the end              |      | maint         | OK        | maint
      a question is sent first       | how?␊ | QUESTION     | OK        | how?
      a long line is cut             |      | LONG…         | OK        | SHORT
      nothing before the end         |      | ``            | BROKEN    | connection closed without a response
      silence                        |      | …             | TIMED_OUT | no response within 1500 ms
      """)
  void a_reply_of_an_agent_is_read_word_by_word(
      String says, @Nullable String send, String reply, ProbeOutcome outcome, String detail) {
    try (ScriptedServer agent = new ScriptedServer(replying(reply));
        ProbeHarness harness = new ProbeHarness()) {
      String question = send == null ? null : send.replace('␊', '\n');
      AgentCheck check = new AgentCheck(agent.port(), null, Duration.ofSeconds(2), question);
      Observation.Probe probe = harness.probe(check, 1, Duration.ofMillis(1500));
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(outcome);
      assertThat(probe.detail()).isEqualTo(detail.replace("SHORT", "x".repeat(200)));
    }
  }

  private static Script replying(String reply) {
    String text = reply.replace('␊', '\n').replace('␍', '\r').replace("LONG", "x".repeat(5000));
    return connection -> {
      if (text.equals("QUESTION")) {
        byte[] question = connection.socket().getInputStream().readNBytes(5);
        connection.send(new String(question, StandardCharsets.UTF_8));
        return;
      }
      for (String piece : text.replace("…", "").split("; ", -1)) {
        connection.send(piece);
      }
      if (text.endsWith("…")) {
        connection.awaitEnd();
      }
    };
  }
}
