package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.Statement.Prefix;
import java.util.Set;

/**
 * Lines of a proxy section that no translator takes: the table of directives has their verdicts.
 */
final class Remaining {
  /** Keywords whose second word says what they are about. */
  private static final Set<String> PAIRS =
      Set.of(
          "option",
          "timeout",
          "http-check",
          "tcp-check",
          "compression",
          "http-request",
          "http-response",
          "tcp-request",
          "tcp-response",
          "quic-initial");

  private static final Set<String> TWO_WORDS =
      Set.of(
          "stats",
          "email-alert",
          "capture",
          "declare",
          "external-check",
          "persist",
          "rate-limit",
          "monitor");

  private static final Set<String> BACK_ONLY =
      Set.of(
          "balance",
          "cookie",
          "default-server",
          "dispatch",
          "fullconn",
          "hash-type",
          "http-check",
          "http-reuse",
          "http-send-name-header",
          "retries",
          "retry-on",
          "server",
          "source",
          "stick",
          "tcp-check",
          "load-server-state-from-file",
          "hash-balance-factor",
          "persist",
          "external-check");

  private Remaining() {}

  static void judge(Ledger ledger, Statement statement) {
    String keyword = statement.keyword();
    if (keyword.equals("acl") || ledger.isJudged(statement)) {
      return;
    }
    if (statement.prefix() != Prefix.NONE) {
      ledger.row(statement, "proxy", "no");
    } else if (keyword.equals("http-after-response")) {
      ledger.row(statement, "http-response", RequestRules.actionName(statement.word(1)));
    } else if (keyword.equals("tcp-request") || keyword.equals("tcp-response")) {
      String action =
          statement.word(1).equals("inspect-delay") ? "inspect-delay" : statement.word(2);
      ledger.row(statement, keyword, RequestRules.actionName(action));
    } else if (PAIRS.contains(keyword)) {
      ledger.row(statement, keyword, RequestRules.actionName(statement.word(1)));
    } else if (TWO_WORDS.contains(keyword)) {
      ledger.row(statement, "proxy", keyword + " " + RequestRules.actionName(statement.word(1)));
    } else {
      ledger.row(statement, "proxy", keyword);
    }
  }

  /** Whether an inherited line concerns such a section. */
  static boolean isOf(Statement statement, boolean front, boolean back) {
    return BACK_ONLY.contains(statement.keyword()) ? back : front || back;
  }
}
