package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.Statement;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Sections with statistics or metrics: the management port has both. */
final class StatisticsSection {
  /** Lines, beside those with statistics, that do not change who is served and how. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "acl|backlog|bind|description|id|log|log-format|log-tag|maxconn|mode|option|timeout");

  private static final Pattern LEADING =
      Pattern.compile("server|server-template|use_backend|default_backend|dispatch");

  private static final Pattern DENYING =
      Pattern.compile("auth|close|deny|reject|silent-drop|tarpit");

  private StatisticsSection() {}

  /**
   * Leaves a section out that has statistics or metrics alone; of others, judges what their rules
   * keep from statistics.
   *
   * @return whether it is left out
   */
  static boolean leaveOut(ProxySection proxy) {
    VerdictLedger ledger = proxy.context.ledger;
    List<Statement> own = proxy.statements().stream().filter(proxy::isOwn).toList();
    if (own.stream().noneMatch(StatisticsSection::isStatistics)) {
      return false;
    }
    if (proxy.statements().stream().anyMatch(each -> is(each, LEADING))
        || !own.stream().allMatch(each -> isStatistics(each) || is(each, PLAIN))) {
      guarded(ledger, own);
      return false;
    }
    ledger.approximated(
        proxy.header(), "left out: statistics and metrics are on the management port (9090)");
    own.forEach(each -> judge(ledger, each));
    return true;
  }

  private static boolean isStatistics(Statement statement) {
    return statement.keyword().equals("stats") || statement.begins("http-request", "use-service");
  }

  private static boolean is(Statement statement, Pattern keywords) {
    return keywords.matcher(statement.keyword()).matches();
  }

  /**
   * The line that names the requests for statistics: its {@code stats uri}, or any other that turns
   * them on. Absent if the section has none.
   */
  static Optional<Statement> line(ProxySection proxy) {
    return proxy.last("stats", "uri").or(() -> proxy.lines("stats").findFirst());
  }

  /** The beginning of targets that ask for statistics. */
  static String uri(Statement line) {
    return line.begins("stats", "uri") ? line.word(2) : "/haproxy?stats";
  }

  private static void guarded(VerdictLedger ledger, List<Statement> own) {
    if (own.stream().anyMatch(StatisticsSection::denies)) {
      own.stream()
          .filter(each -> each.keyword().equals("stats"))
          .findFirst()
          .ifPresent(
              each ->
                  ledger.guardApproximated(
                      each,
                      "rules of this section do not apply to the management port: limit who reads"
                          + " there by 'understudy.admin.reads: token' and"
                          + " 'management.server.address'"));
    }
  }

  private static boolean denies(Statement statement) {
    return (statement.begins("http-request") || statement.begins("tcp-request"))
        && statement.from(1).stream().limit(2).anyMatch(DENYING.asMatchPredicate());
  }

  private static void judge(VerdictLedger ledger, Statement statement) {
    switch (statement.keyword()) {
      case "bind" -> bind(ledger, statement);
      case "acl" -> ledger.notNeeded(statement, "its section is left out");
      case "http-request" -> ledger.row(statement, "http-request", "use-service");
      default -> RemainingLines.judge(ledger, statement);
    }
  }

  private static void bind(VerdictLedger ledger, Statement statement) {
    List<String> hosts =
        BindLine.of(statement.from(1)).addresses().stream()
            .map(BindLine.Endpoint::host)
            .filter(each -> !each.isEmpty())
            .distinct()
            .toList();
    String port = "the management port is management.server.port, 9090";
    if (hosts.isEmpty()) {
      ledger.approximated(statement, port);
    } else {
      ledger.guardApproximated(
          statement,
          port
              + "; management.server.address is the address on which it listens, here "
              + String.join(", ", hosts));
    }
  }
}
