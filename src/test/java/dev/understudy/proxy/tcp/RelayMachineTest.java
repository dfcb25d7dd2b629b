package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.tcp.RelayMachine.RelayTransition;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The machine of a relayed connection, in all pairs of a state and an input. */
class RelayMachineTest {
  private static final Path SOURCE =
      Path.of("src/main/java/dev/understudy/proxy/tcp/RelayMachine.java");

  @Test
  void each_pair_leads_to_what_the_table_in_the_comment_says() throws IOException {
    Map<String, String> made = new TreeMap<>();
    for (RelayState state : RelayState.values()) {
      for (RelayInput input : RelayInput.values()) {
        RelayTransition found = RelayMachine.step(state, input);
        if (found != null) {
          made.put(state + " " + input, told(found));
        }
      }
    }
    assertThat(made).isEqualTo(documented());
  }

  private static String told(RelayTransition transition) {
    return Stream.of(transition.next(), transition.action(), transition.end(), transition.blame())
        .filter(each -> each != null && each != RelayAction.NOTHING)
        .map(Enum::toString)
        .collect(Collectors.joining(" "));
  }

  /** What each state and input leads to by the rows of the tables. */
  private static Map<String, String> documented() throws IOException {
    String comment = Files.readString(SOURCE).replaceAll("\n \\*", " ");
    Map<String, String> all = new TreeMap<>();
    String last = "";
    for (String row : comment.substring(0, comment.lastIndexOf("</table>")).split("<tr>")) {
      List<String> cells =
          Arrays.stream(row.split("<td>", -1))
              .map(cell -> cell.replaceAll("<.*", "").strip())
              .toList();
      if (cells.size() == 1) {
        continue;
      }
      last = cells.get(1).isEmpty() ? last : cells.get(1);
      String then =
          cells.stream()
              .skip(3)
              .filter(cell -> !cell.isEmpty() && !cell.startsWith("("))
              .collect(Collectors.joining(" "));
      for (RelayState state : states(last)) {
        for (String input : cells.get(2).split(", ")) {
          assertThat(all.put(state + " " + RelayInput.valueOf(input), then)).isNull();
        }
      }
    }
    return all;
  }

  private static Set<RelayState> states(String cell) {
    List<RelayState> named = Arrays.stream(cell.split(", | to ")).map(RelayState::valueOf).toList();
    return cell.contains(" to ")
        ? EnumSet.range(named.getFirst(), named.getLast())
        : EnumSet.copyOf(named);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ENDED")
  void it_ends_by_the_close_of_the_last_channel(RelayState state) {
    assertThat(RelayMachine.step(state, RelayInput.LAST_CLOSED).next()).isEqualTo(RelayState.ENDED);
  }

  @ParameterizedTest
  @EnumSource
  void it_begins_to_end_with_a_reason_and_goes_on_to_end(RelayInput input) {
    boolean told = input == RelayInput.CUT || input == RelayInput.NO_ADDRESS;
    for (RelayState state : RelayState.values()) {
      RelayTransition found = RelayMachine.step(state, input);
      if (found != null) {
        boolean begins = !state.isEnding() && found.next().isEnding();
        assertThat(begins && !told && found.end() == null).as(state + ": no reason").isFalse();
        assertThat(state.isEnding() && !found.next().isEnding()).as(state + ": goes on").isFalse();
        assertThat(state.isEnding() && found.blame() != null).as(state + ": blames").isFalse();
      }
    }
  }

  @Rows(
      """
      # a reset before any byte leads to another server
      by the first server            | CONNECTED SERVER_BROKE                           | WAITING
      though a write met it          | CONNECTED SERVER_WRITE_FAILED SERVER_BROKE       | WAITING
      # and passes on
      by the second server           | CONNECTED_ANEW SERVER_BROKE                      | LINGERING
      after bytes of the client      | CONNECTED CLIENT_BYTES SERVER_BROKE              | LINGERING
      after bytes of the server      | CONNECTED SERVER_BYTES SERVER_BROKE              | LINGERING
      after the client's end         | CONNECTED CLIENT_END SERVER_BROKE                | LINGERING
      after the server's end         | CONNECTED SERVER_END SERVER_BROKE                | LINGERING
      a write met it, bytes came     | CONNECTED SERVER_WRITE_FAILED SERVER_BYTES       | LINGERING
      # ends of both
      the client's first             | CONNECTED CLIENT_END SERVER_BYTES SERVER_END     | BOTH_ENDED
      the server's first             | CONNECTED SERVER_BYTES SERVER_END CLIENT_END     | BOTH_ENDED
      # what is late changes nothing
      a connection after a cut       | CUT CONNECTED                                    | CLOSING
      a server's end after a cut     | CONNECTED CUT SERVER_END SERVER_BROKE            | CLOSING
      """)
  void while_a_server_is_connected_to(String name, String inputs, RelayState then) {
    RelayState state = RelayState.CONNECTING;
    for (String input : inputs.split(" ")) {
      RelayTransition found = RelayMachine.step(state, RelayInput.valueOf(input));
      state = found == null ? state : found.next();
    }
    assertThat(state).isEqualTo(then);
  }
}
