package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.DirectiveTable;
import dev.understudy.haproxy.report.DirectiveTable.Directive;
import dev.understudy.haproxy.report.GuardLines;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.Statement;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Lines of a proxy section that no translator takes: the table of directives has their verdicts.
 */
final class RemainingLines {
  /** Keywords with rows of their own, whose second word is a name, an address or an argument. */
  private static final Set<String> WHOLE = Set.of("bind", "server", "balance");

  /** Keywords of sections with servers. */
  private static final Pattern BACK_ONLY =
      Pattern.compile(
          "balance|cookie|default-server|dispatch|external-check|fullconn|hash-balance-factor"
              + "|hash-type|http-check|http-reuse|http-send-name-header|load-server-state-from-file"
              + "|persist|retries|retry-on|server|source|stick|tcp-check");

  private static final String NOT_IN_FORCE = "left out: this rule is not in force here";

  private RemainingLines() {}

  static void judge(VerdictLedger ledger, Statement statement) {
    String keyword = statement.keyword();
    if (keyword.equals("acl") || ledger.isJudged(statement)) {
      return;
    }
    String action = RuleLine.actionName(statement.word(1));
    String both = keyword + " " + action;
    boolean isKnown = !keyword.equals("option") || DirectiveTable.find(keyword, action) != null;
    if (statement.isReset() && isKnown) {
      ledger.row(statement, "proxy", "no");
    } else if (keyword.equals("stick")) {
      ledger.notNeeded(statement, "sessions are of backends");
    } else if (GuardLines.isRule(keyword) || keyword.equals("redirect")) {
      // One that no translator took is not in force, whatever the table says of its kind.
      rule(ledger, statement);
    } else if (DirectiveTable.hasPlace(keyword) && !WHOLE.contains(keyword)) {
      ledger.row(statement, keyword, action);
    } else {
      ledger.row(statement, "proxy", DirectiveTable.find("proxy", both) == null ? keyword : both);
    }
  }

  private static void rule(VerdictLedger ledger, Statement statement) {
    String keyword = statement.keyword();
    boolean isDelay = statement.word(1).equals("inspect-delay");
    boolean isRedirect = keyword.equals("redirect");
    int index = isRedirect ? 0 : keyword.startsWith("tcp-") && !isDelay ? 2 : 1;
    String action = RuleLine.actionName(statement.word(index));
    String place =
        isRedirect ? "proxy" : keyword.equals("http-after-response") ? "http-response" : keyword;
    Directive row = DirectiveTable.find(place, action);
    if (row == null || row.verdict() == Verdict.NOT_NEEDED || isDelay) {
      ledger.row(statement, place, action);
    } else if (row.guard() || GuardLines.isDenying(action)) {
      ledger.guardUnsupported(statement, NOT_IN_FORCE);
    } else {
      ledger.unsupported(
          statement, row.verdict() == Verdict.UNSUPPORTED ? row.text() : NOT_IN_FORCE);
    }
  }

  /** Whether an inherited line concerns such a section. */
  static boolean isOf(Statement statement, boolean front, boolean back) {
    return BACK_ONLY.matcher(statement.keyword()).matches() ? back : front || back;
  }
}
