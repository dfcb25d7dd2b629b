package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlList;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.List;

/** The name servers of all {@code resolvers} sections together. */
final class Resolvers {
  private final VerdictLedger ledger;
  private final List<String> servers = new ArrayList<>();
  private final List<String> comments = new ArrayList<>();

  Resolvers(ImportContext context) {
    ledger = context.ledger;
  }

  void read(HaproxySection section) {
    ledger.row(section.header(), "section", "resolvers");
    for (Statement statement : section.statements()) {
      if (statement.keyword().equals("nameserver") && statement.size() > 2) {
        String address = statement.word(2).replaceFirst("^(udp|udp4|ipv4|tcp|ipv6)@", "");
        if (address.matches("[0-9.]+:[0-9]{1,5}|\\[?[0-9A-Fa-f:.]+]?:[0-9]{1,5}")) {
          servers.add(address);
          comments.add(statement.source());
          ledger.row(statement, "resolvers", "nameserver");
        } else {
          ledger.unsupported(statement, "expected an address and a port of a name server");
        }
      } else {
        ledger.row(statement, "resolvers", statement.keyword());
      }
    }
  }

  /** Adds {@code dns} if there are name servers. */
  void addTo(YamlMap root) {
    if (!servers.isEmpty()) {
      YamlMap dns = YamlMap.block();
      dns.put("servers", YamlList.flow(servers.stream().distinct().toList()), comments);
      root.put("dns", dns);
    }
  }
}
