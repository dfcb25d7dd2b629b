package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Directive;
import dev.understudy.haproxy.report.Directives;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.report.Verdict;
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
          "filter",
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

  /** Rules: one that no translator took is not in force, whatever the table says of its kind. */
  private static final Set<String> RULES =
      Set.of(
          "http-request",
          "http-response",
          "http-after-response",
          "tcp-request",
          "tcp-response",
          "redirect");

  /** Actions that keep clients from servers. */
  private static final Set<String> DENYING =
      Set.of("deny", "reject", "tarpit", "silent-drop", "close", "auth", "return");

  private static final String NOT_IN_FORCE = "left out: this rule is not in force here";

  private Remaining() {}

  static void judge(Ledger ledger, Statement statement) {
    String keyword = statement.keyword();
    if (keyword.equals("acl") || ledger.isJudged(statement)) {
      return;
    }
    boolean option = keyword.equals("option");
    boolean known = !option || Directives.all().find(keyword, statement.word(1)) != null;
    if (statement.prefix() != Prefix.NONE && known) {
      ledger.row(statement, "proxy", "no");
    } else if (keyword.equals("stick")) {
      ledger.notNeeded(statement, "sessions are of backends");
    } else if (RULES.contains(keyword)) {
      rule(ledger, statement, keyword);
    } else if (PAIRS.contains(keyword)) {
      ledger.row(statement, keyword, RuleLine.actionName(statement.word(1)));
    } else if (TWO_WORDS.contains(keyword)) {
      ledger.row(statement, "proxy", keyword + " " + RuleLine.actionName(statement.word(1)));
    } else {
      ledger.row(statement, "proxy", keyword);
    }
  }

  private static void rule(Ledger ledger, Statement statement, String keyword) {
    boolean delay = statement.word(1).equals("inspect-delay");
    boolean tcp = keyword.startsWith("tcp-");
    String place = keyword.equals("http-after-response") ? "http-response" : keyword;
    String action = RuleLine.actionName(tcp && !delay ? statement.word(2) : statement.word(1));
    boolean redirect = keyword.equals("redirect");
    Directive row =
        redirect ? Directives.all().find("proxy", keyword) : Directives.all().find(place, action);
    if (row == null || row.verdict() == Verdict.NOT_NEEDED || delay) {
      ledger.row(statement, redirect ? "proxy" : place, redirect ? keyword : action);
    } else if (row.guard() || DENYING.contains(action)) {
      ledger.guardUnsupported(statement, NOT_IN_FORCE);
    } else {
      ledger.unsupported(
          statement, row.verdict() == Verdict.UNSUPPORTED ? row.text() : NOT_IN_FORCE);
    }
  }

  /** Whether an inherited line concerns such a section. */
  static boolean isOf(Statement statement, boolean front, boolean back) {
    return BACK_ONLY.contains(statement.keyword()) ? back : front || back;
  }
}
