package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.ArrayList;
import java.util.List;

/** The ends of a channel's two directions. */
class ChannelEndsTest {
  @Rows(
      """
      nothing                                    | reads takes
      # one direction
      input                                      | takes
      ending                                     | reads takes
      ending output                              | reads takes outputEnded
      ending closing                             | reads takes outputEnded closesWithInput
      failed                                     | reads outputFailed
      ending failed output                       | reads outputFailed
      # both
      input ending                               | takes
      input ending output                        | takes outputEnded over
      input ending closing                       | takes outputEnded over
      ending output input                        | takes outputEnded over
      both                                       | takes outputEnded over
      ending both                                | takes
      ending both output                         | takes outputEnded over
      input failed                               | outputFailed over
      # broken
      broken                                     | nothing
      broken ending output                       | nothing
      ending closing broken                      | outputEnded
      # closed
      close                                      | closed
      both close                                 | outputEnded over closed inOrder
      input ending output close                  | outputEnded over closed inOrder
      ending closing close                       | outputEnded over closed inOrder
      ending output close                        | outputEnded closed
      input close                                | closed
      both broken close                          | outputEnded over closed
      ending closing broken close                | outputEnded closed
      input failed close                         | outputFailed over closed
      """)
  void after_that_it_is(String acts, String then) {
    ChannelEnds ends = new ChannelEnds();
    boolean last = false;
    for (String act : acts.split(" ")) {
      last = act(ends, act);
    }
    boolean inOrder = last && acts.endsWith("close");
    assertThat(state(ends, inOrder)).isEqualTo(then);
  }

  private static boolean act(ChannelEnds ends, String act) {
    return switch (act) {
      case "nothing" -> false;
      case "input" -> ends.endInput();
      case "ending" -> ends.beginOutputEnd();
      case "output", "closing" -> {
        ends.endOutput(act.equals("closing"));
        yield false;
      }
      case "both" -> ends.endBoth();
      case "failed" -> ends.failOutput();
      case "broken" -> {
        ends.breaks();
        yield false;
      }
      case "close" -> ends.close();
      default -> throw new IllegalArgumentException(act);
    };
  }

  private static String state(ChannelEnds ends, boolean inOrder) {
    List<String> words = new ArrayList<>();
    add(words, ends.reads(), "reads");
    add(words, ends.takes(), "takes");
    add(words, ends.outputEnded(), "outputEnded");
    add(words, ends.outputFailed(), "outputFailed");
    add(words, ends.closesWithInput(), "closesWithInput");
    add(words, ends.areOver(), "over");
    add(words, ends.isClosed(), "closed");
    add(words, inOrder, "inOrder");
    return words.isEmpty() ? "nothing" : String.join(" ", words);
  }

  private static void add(List<String> words, boolean holds, String word) {
    if (holds) {
      words.add(word);
    }
  }

  @Rows(
      """
      input  | input         | false
      input  | both          | false
      input  | broken        | false
      input  | ending        | true
      ending | ending        | false
      ending | ending output | false
      ending | broken        | false
      ending | failed        | false
      both   | ending        | false
      both   | failed        | false
      both   | input         | true
      failed | failed        | false
      failed | ending        | true
      """)
  void an_act_is_news(String act, String before, boolean news) {
    ChannelEnds ends = new ChannelEnds();
    for (String each : before.split(" ")) {
      act(ends, each);
    }
    assertThat(act(ends, act)).isEqualTo(news);
  }
}
