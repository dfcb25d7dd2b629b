package dev.understudy.haproxy.report;

import dev.understudy.haproxy.syntax.Statement;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells rules that keep clients from servers. */
public final class GuardLines {
  private static final Pattern RULES =
      Pattern.compile("(http|tcp)-(request|response)|http-after-response");

  private static final Set<String> DENYING =
      Set.of("deny", "reject", "tarpit", "silent-drop", "close", "auth", "return");

  private GuardLines() {}

  /** Whether an action of a rule keeps clients from servers. */
  public static boolean isDenying(String action) {
    return DENYING.contains(action);
  }

  /** Whether a keyword begins a rule that has an action. */
  public static boolean isRule(String keyword) {
    return RULES.matcher(keyword).matches();
  }

  /** Whether a line is a rule with such an action. */
  static boolean isGuard(Statement line) {
    return isRule(line.keyword()) && line.from(1).stream().limit(2).anyMatch(DENYING::contains);
  }
}
