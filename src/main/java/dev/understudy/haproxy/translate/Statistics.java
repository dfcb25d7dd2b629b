package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Sections with statistics or metrics: the management port has both. */
final class Statistics {
  /** Lines that say nothing of who is served and how, beside those with statistics. */
  private static final Set<String> PLAIN =
      Set.of(
          "acl",
          "backlog",
          "bind",
          "description",
          "id",
          "log",
          "log-format",
          "log-tag",
          "maxconn",
          "mode",
          "option",
          "stats",
          "timeout");

  private static final List<String> LEADING =
      List.of("server", "server-template", "use_backend", "default_backend", "dispatch");

  private static final Set<String> RULES = Set.of("http-request", "tcp-request");

  private static final Set<String> DENYING =
      Set.of("auth", "close", "deny", "reject", "silent-drop", "tarpit");

  private Statistics() {}

  /**
   * Leaves a section out that has statistics or metrics alone; of others, judges what their rules
   * keep from statistics.
   *
   * @return whether it is left out
   */
  static boolean leaveOut(Ledger ledger, Proxy proxy) {
    List<Statement> own = proxy.statements().stream().filter(proxy::isOwn).toList();
    if (own.stream().noneMatch(Statistics::isStatistics)) {
      return false;
    }
    boolean leads = proxy.statements().stream().anyMatch(each -> LEADING.contains(each.keyword()));
    if (leads || !own.stream().allMatch(Statistics::isPlain)) {
      guarded(ledger, own);
      return false;
    }
    ledger.approximated(
        proxy.header(), "left out: statistics and metrics are on the management port (9090)");
    own.forEach(each -> judge(ledger, each));
    return true;
  }

  /**
   * The line that says which requests are for statistics: its {@code stats uri}, or any other that
   * turns them on. Absent if the section has none.
   */
  static Optional<Statement> line(Proxy proxy) {
    List<Statement> all =
        proxy.statements().stream().filter(each -> each.keyword().equals("stats")).toList();
    return all.stream()
        .filter(each -> each.begins("stats", "uri"))
        .reduce((first, second) -> second)
        .or(() -> all.stream().findFirst());
  }

  /** With what targets begin that ask for statistics. */
  static String uri(Statement line) {
    return line.begins("stats", "uri") ? line.word(2) : "/haproxy?stats";
  }

  private static boolean isStatistics(Statement statement) {
    return statement.keyword().equals("stats") || statement.begins("http-request", "use-service");
  }

  private static boolean isPlain(Statement statement) {
    return isStatistics(statement) || PLAIN.contains(statement.keyword());
  }

  private static void guarded(Ledger ledger, List<Statement> own) {
    boolean denies =
        own.stream()
            .filter(each -> RULES.contains(each.keyword()))
            .anyMatch(each -> each.from(1).stream().limit(2).anyMatch(DENYING::contains));
    if (denies) {
      own.stream()
          .filter(each -> each.keyword().equals("stats"))
          .findFirst()
          .ifPresent(
              each ->
                  ledger.guardApproximated(
                      each,
                      "rules of this section do not concern the management port:"
                          + " 'understudy.admin.reads: token' and 'management.server.address'"
                          + " limit who reads there"));
    }
  }

  private static void judge(Ledger ledger, Statement statement) {
    switch (statement.keyword()) {
      case "bind" -> bind(ledger, statement);
      case "acl" -> ledger.notNeeded(statement, "its section is left out");
      case "http-request" -> ledger.row(statement, "http-request", "use-service");
      default -> Remaining.judge(ledger, statement);
    }
  }

  private static void bind(Ledger ledger, Statement statement) {
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
              + "; on which address it listens says management.server.address, here "
              + String.join(", ", hosts));
    }
  }
}
