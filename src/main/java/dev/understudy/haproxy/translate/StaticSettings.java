package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Section;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What becomes a static setting: limits and time-outs of clients. */
final class StaticSettings {
  private static final Set<String> TLS_13_ONLY = Set.of("no-tlsv12", "force-tlsv13");

  private final Context context;
  private final Ledger ledger;

  StaticSettings(Context context) {
    this.context = context;
    ledger = context.ledger;
  }

  /** Reads the global section. */
  void global(Section section) {
    for (Statement statement : section.statements()) {
      String keyword = statement.keyword();
      switch (keyword) {
        case "maxconn" -> number(statement, "understudy.client.max-connections");
        case "ca-base" -> context.caBase = statement.word(1);
        case "crt-base" -> context.crtBase = statement.word(1);
        case "ssl-server-verify" -> context.noVerify = statement.word(1).equals("none");
        case "ssl-default-bind-options" -> {
          int at = statement.from(0).indexOf("ssl-min-ver");
          context.onlyTls13 |=
              statement.from(1).stream().anyMatch(TLS_13_ONLY::contains)
                  || (at > 0 && statement.word(at + 1).equals("TLSv1.3"));
        }
        default -> {}
      }
      if (!ledger.isJudged(statement)) {
        ledger.row(statement, "global", keyword);
      }
    }
    ledger.notNeeded(section.header(), "");
  }

  private void number(Statement statement, String setting) {
    long most = most(statement);
    if (most == 0) {
      ledger.notNeeded(statement, "no number of connections is given: the default is kept");
    } else {
      context.settings.put(setting, Long.toString(most));
      ledger.row(statement, "global", "maxconn");
    }
  }

  /** HAProxy reads the digits that the word begins with; 0 is no limit. */
  private static long most(Statement statement) {
    String digits = statement.word(1).replaceFirst("[^0-9].*", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits.substring(0, Math.min(9, digits.length())));
  }

  /** Reads time-outs and limits of a frontend. */
  void front(Proxy proxy, boolean only) {
    if (proxy.isTcp()) {
      proxy
          .take("timeout", "client")
          .ifPresent(each -> ledger.row(each, "timeout", "client (tcp)"));
    } else {
      time(proxy, "client", "understudy.client.idle");
      time(proxy, "http-request", "understudy.client.header-timeout");
      time(proxy, "http-keep-alive", "understudy.client.keep-alive");
    }
    proxy.take("maxconn").ifPresent(each -> maxconn(each, only));
    for (Statement capture : proxy.takeAll("capture")) {
      String name = capture.word(3);
      String form =
          switch (capture.word(1)) {
            case "request" -> "{header." + name + "}";
            case "response" -> "{response.header." + name + "}";
            default -> "{cookie." + capture.word(2) + "}";
          };
      if (AccessLog.add(context, form)) {
        ledger.row(
            capture, "proxy", capture.word(1).equals("cookie") ? "capture cookie" : "capture");
      } else {
        ledger.unsupported(capture, "left out: the access log cannot have " + form);
      }
    }
    if (!proxy.isTcp()) {
      proxy.take("log-format").ifPresent(this::logFormat);
    }
  }

  private void logFormat(Statement statement) {
    String format = String.join(" ", statement.from(1));
    List<String> lost = LogItems.add(context, format);
    ledger.row(
        statement,
        "proxy",
        "log-format",
        lost.isEmpty() ? "" : "not logged: " + String.join(", ", lost));
  }

  private void maxconn(Statement statement, boolean only) {
    String limit = "understudy.client.max-connections";
    long own = most(statement);
    if (own == 0) {
      ledger.notNeeded(statement, "no number of connections is given: the default is kept");
    } else if (only) {
      long all = Long.parseLong(context.settings.getOrDefault(limit, "999999999"));
      context.settings.put(limit, Long.toString(Math.min(own, all)));
      ledger.row(statement, "proxy", "maxconn");
    } else {
      ledger.guardUnsupported(
          statement,
          "connections are limited for all listeners together: set"
              + " understudy.client.max-connections");
    }
  }

  private void time(Proxy proxy, String theirs, String setting) {
    Optional<Statement> statement = proxy.take("timeout", theirs);
    if (statement.isEmpty()) {
      return;
    }
    Optional<Duration> time = TimeText.parse(statement.get().word(2));
    if (time.isEmpty()) {
      ledger.problem(
          statement.get(), "expected a time such as 30s, found '" + statement.get().word(2) + "'");
      return;
    }
    if (time.get().isZero()) {
      ledger.approximated(statement.get(), "no limit does not exist here: the default is kept");
      return;
    }
    String value = TimeText.ours(time.get());
    String before = context.settings.putIfAbsent(setting, value);
    if (before == null || before.equals(value)) {
      ledger.row(statement.get(), "timeout", theirs);
    } else {
      ledger.approximated(
          statement.get(), "all listeners have one " + setting + ", here that of an earlier line");
    }
  }

  /** Reads a section whose lines are all judged by the table. */
  void plain(Section section) {
    String place = section.kind().keyword();
    ledger.row(section.header(), "section", place);
    if (section.kind() == SectionKind.HTTP_ERRORS) {
      Map<String, String> files = new LinkedHashMap<>();
      section.statements().forEach(each -> files.put(each.word(1), each.word(2)));
      context.errorFiles.put(section.name(), files);
    }
    for (Statement statement : section.statements()) {
      if (section.kind() == SectionKind.PEERS && statement.begins("table")) {
        context.tables.put(section.name() + "/" + statement.word(1), StickTable.of(statement));
      }
      if (!ledger.isJudged(statement)) {
        ledger.row(statement, place, statement.keyword());
      }
    }
  }

  /** Whether a kind of section is read by the table alone. */
  static boolean isPlain(SectionKind kind) {
    return !List.of(
            SectionKind.GLOBAL,
            SectionKind.DEFAULTS,
            SectionKind.FRONTEND,
            SectionKind.BACKEND,
            SectionKind.LISTEN,
            SectionKind.USERLIST,
            SectionKind.RESOLVERS)
        .contains(kind);
  }
}
