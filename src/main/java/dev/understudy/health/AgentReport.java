package dev.understudy.health;

import dev.understudy.pool.OperatorState;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What an agent says of its server, in one line (HAProxy {@code agent-check}): words that blanks or
 * commas divide, in any letter case, and after {@code #} a remark for people.
 *
 * <table>
 * <caption>Words</caption>
 * <tr><th>word<th>means
 * <tr><td>up<td>the server is not bad by the agent any more
 * <tr><td>down, fail, stopped<td>the server is bad
 * <tr><td>ready, drain, maint<td>the server's state
 * <tr><td>75%<td>share of the server's weight in a balance pool
 * <tr><td>any other<td>nothing
 * </table>
 *
 * <p>The last of two words of the same kind counts. What a line does not mention stays as it was.
 *
 * @param up null if the line does not say
 * @param state null if the line does not say
 * @param percent 0 to 256; empty if the line does not say
 * @param text the line
 */
public record AgentReport(
    @Nullable Boolean up, @Nullable OperatorState state, OptionalInt percent, String text) {
  private static final int MAX_PERCENT = 256;

  /** Reads a line; its end, and what follows, are ignored. */
  public static AgentReport parse(String reply) {
    String line = reply.lines().findFirst().orElse("").strip();
    int remark = line.indexOf('#');
    Boolean up = null;
    OperatorState state = null;
    OptionalInt percent = OptionalInt.empty();
    for (String word : (remark < 0 ? line : line.substring(0, remark)).split("[ \t,]+", -1)) {
      switch (word.toLowerCase(Locale.ROOT)) {
        case "up" -> up = true;
        case "down", "fail", "stopped" -> up = false;
        case "ready" -> state = OperatorState.READY;
        case "drain" -> state = OperatorState.DRAIN;
        case "maint" -> state = OperatorState.MAINTENANCE;
        default -> {
          if (word.matches("[0-9]{1,3}%")) {
            int value = Integer.parseInt(word.substring(0, word.length() - 1));
            percent = OptionalInt.of(Math.min(value, MAX_PERCENT));
          }
        }
      }
    }
    return new AgentReport(up, state, percent, line);
  }

  /** Whether the line has any word that means something. */
  public boolean isUnderstood() {
    return up != null || state != null || percent.isPresent();
  }
}
