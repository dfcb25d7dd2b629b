package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;

/** Judges a server's line by each of its parameters. */
final class ServerParameters {
  private ServerParameters() {}

  static void judge(Ledger ledger, Statement statement, ServerLine line) {
    ledger.exact(statement, "");
    line.parameters()
        .keySet()
        .forEach(
            name -> {
              if (!ledger.isExact("server", name)) {
                ledger.parameter(statement, "server", name);
              }
            });
  }
}
