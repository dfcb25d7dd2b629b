package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.command.client.ClientCommands;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.testing.Await;
import dev.understudy.testing.Rows;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What {@code curl} gets of the management port instead of {@code understudy status}. */
class StatusEndpointsTest extends OnSharedServer {
  /** The path, the command that prints the same, and a line of both. */
  @Rows(
      """
      /status                | status       | well: POOL CONDITION SERVING SINCE CAUSE
      /status?all=false      | status       | well: POOL CONDITION SERVING SINCE CAUSE
      /status/sense          | status sense | well: SERVER ROLE STATUS STATE SERVES LAST PROBE
      /status                | status       | refused: file was refused, the one before is in force: 12 problems
      /status                | status       | refused: and 2 more
      /status?all=true       | status --all | refused: line\\u0007 3
      """)
  void port_says_what_the_command_prints(String path, String command, String expected) {
    String[] part = expected.split(": ", 2);
    if (part[0].equals("refused")) {
      server.events.add(
          new ReplicaEvent.ConfigurationRejected(
              "gateway.yaml", Collections.nCopies(12, "line\u0007 3"), "refused"));
    }
    Await.until("it says so", () -> text(path).replaceAll(" +", " ").contains(part[1]));
    HttpResponse<String> response = server.get(path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("text/plain;charset=UTF-8");
    // Tests beside this one may change the state between the two.
    Await.until(
        "the command prints the same",
        () -> withoutAges(text(path)).equals(withoutAges(printed(command))));
  }

  private static String text(String path) {
    return server.get(path).body();
  }

  /** Both are read one after the other, so their ages and the last probes differ. */
  private static String withoutAges(String text) {
    return text.replaceAll("[0-9]+ ?[smhd]([0-9]+[smh])?\\b", "AGE").replaceAll(" +", " ");
  }

  private static String printed(String command) {
    CommandLine program = new CommandLine(CommandSpec.create().name("understudy"));
    ClientCommands.addTo(program);
    StringWriter out = new StringWriter();
    String server = "--server=http://localhost:" + OnSharedServer.server.managementPort();
    int status =
        program.setOut(new PrintWriter(out, true)).execute((command + " " + server).split(" "));
    assertThat(status).isBetween(0, 2);
    return out.toString();
  }

  @Test
  void a_pool_that_is_not_there_and_a_wrong_value_are_problems_as_in_the_api() {
    assertRefused(server.get("/status/senze"), 404, "did you mean");
    assertRefused(server.get("/status?all=maybe"), 400, "all: expected false or true");
  }
}
