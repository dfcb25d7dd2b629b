package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Sections that become static settings, and the limits and time-outs of clients. */
final class ImportedSettings {
  private static final Set<String> TLS_13_ONLY = Set.of("no-tlsv12", "force-tlsv13");
  private static final String MAX_CONNECTIONS = "understudy.client.max-connections";
  private static final String NO_NUMBER = "no number of connections is given: the default is kept";

  private final ImportContext context;
  private final VerdictLedger ledger;

  ImportedSettings(ImportContext context) {
    this.context = context;
    ledger = context.ledger;
  }

  /** Reads the global section. */
  void global(HaproxySection section) {
    for (Statement statement : section.statements()) {
      String value = statement.word(1);
      switch (statement.keyword()) {
        case "maxconn" -> {
          if (most(statement) == 0) {
            ledger.notNeeded(statement, NO_NUMBER);
          } else {
            context.settings.put(MAX_CONNECTIONS, Long.toString(most(statement)));
          }
        }
        case "ca-base" -> context.caBase = value;
        case "crt-base" -> context.crtBase = value;
        case "ssl-server-verify" -> context.noVerify = value.equals("none");
        case "ssl-default-bind-options" -> bindOptions(statement);
        default -> {}
      }
    }
    byTable(section);
    ledger.notNeeded(section.header(), "");
  }

  private void bindOptions(Statement statement) {
    List<String> options = statement.from(1);
    context.onlyTls13 |=
        options.stream().anyMatch(TLS_13_ONLY::contains)
            || statement.after("ssl-min-ver").equals("TLSv1.3");
    if (options.contains("strict-sni") || options.contains("no-strict-sni")) {
      context.strictNames =
          options.lastIndexOf("strict-sni") > options.lastIndexOf("no-strict-sni");
    }
  }

  /** Reads a section whose lines are all judged by the table. */
  void plain(HaproxySection section) {
    ledger.row(section.header(), "section", section.kind().keyword());
    Map<String, String> files = new LinkedHashMap<>();
    for (Statement statement : section.statements()) {
      files.put(statement.word(1), statement.word(2));
      if (section.kind() == SectionKind.PEERS && statement.begins("table")) {
        context.tables.put(section.name() + "/" + statement.word(1), StickTable.of(statement));
      }
    }
    if (section.kind() == SectionKind.HTTP_ERRORS) {
      context.errorFiles.put(section.name(), files);
    }
    byTable(section);
  }

  private void byTable(HaproxySection section) {
    for (Statement statement : section.statements()) {
      if (!ledger.isJudged(statement)) {
        ledger.row(statement, section.kind().keyword(), statement.keyword());
      }
    }
  }

  /** Whether a kind of section is read by the table alone. */
  static boolean isPlain(SectionKind kind) {
    return !kind.isProxy()
        && kind != SectionKind.GLOBAL
        && kind != SectionKind.USERLIST
        && kind != SectionKind.HEALTHCHECK
        && kind != SectionKind.RESOLVERS;
  }

  /** HAProxy reads the digits that the word begins with; 0 is no limit. */
  private static long most(Statement statement) {
    String digits = statement.word(1).replaceFirst("[^0-9].*", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits.substring(0, Math.min(9, digits.length())));
  }

  /**
   * Reads time-outs and limits of a frontend.
   *
   * @param isOnly whether there is no other
   */
  void front(ProxySection proxy, boolean isOnly) {
    if (proxy.isTcp()) {
      proxy
          .take("timeout", "client")
          .ifPresent(each -> ledger.row(each, "timeout", "client (tcp)"));
    } else {
      time(proxy, "client", "understudy.client.idle");
      time(proxy, "http-request", "understudy.client.header-timeout");
      time(proxy, "http-keep-alive", "understudy.client.keep-alive");
    }
    proxy.take("maxconn").ifPresent(each -> maxconn(each, isOnly));
    AccessLogFields.read(proxy);
  }

  private void maxconn(Statement statement, boolean isOnly) {
    long most = most(statement);
    if (most == 0) {
      ledger.notNeeded(statement, NO_NUMBER);
    } else if (isOnly) {
      context.settings.merge(
          MAX_CONNECTIONS,
          Long.toString(most),
          (all, own) -> Long.toString(Math.min(Long.parseLong(all), Long.parseLong(own))));
    } else {
      ledger.guardUnsupported(
          statement, "connections are limited for all listeners together: set " + MAX_CONNECTIONS);
    }
  }

  private void time(ProxySection proxy, String name, String setting) {
    proxy.take("timeout", name).ifPresent(each -> time(each, name, setting));
  }

  private void time(Statement statement, String name, String setting) {
    Optional<Duration> time = HaproxyTimes.parse(statement.word(2));
    if (time.isEmpty()) {
      return;
    }
    if (time.get().isZero()) {
      ledger.approximated(statement, "no limit does not exist here: the default is kept");
    } else {
      String value = UnitParser.text(time.get());
      if (context.settings.computeIfAbsent(setting, any -> value).equals(value)) {
        ledger.row(statement, "timeout", name);
      } else {
        ledger.approximated(
            statement,
            "all listeners have the same " + setting + "; the value of an earlier line is used");
      }
    }
  }
}
