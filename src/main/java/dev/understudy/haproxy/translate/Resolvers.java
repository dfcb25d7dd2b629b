package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlList;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The name servers of all {@code resolvers} sections together. */
final class Resolvers {
  private Resolvers() {}

  /** Reads the sections; returns {@code dns}, empty if there are no name servers. */
  static YamlMap read(Stream<HaproxySection> sections, VerdictLedger ledger) {
    List<String> servers = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    for (HaproxySection section : sections.toList()) {
      ledger.row(section.header(), "section", "resolvers");
      for (Statement statement : section.statements()) {
        String address = statement.word(2).replaceFirst("^(udp|udp4|ipv4|tcp|ipv6)@", "");
        if (!statement.keyword().equals("nameserver") || statement.size() < 3) {
          ledger.row(statement, "resolvers", statement.keyword());
        } else if (address.matches("[0-9.]+:[0-9]{1,5}|\\[?[0-9A-Fa-f:.]+]?:[0-9]{1,5}")) {
          servers.add(address);
          comments.add(statement.source());
          ledger.row(statement, "resolvers", "nameserver");
        } else {
          ledger.unsupported(statement, "expected an address and a port of a name server");
        }
      }
    }
    YamlMap dns = YamlMap.block();
    return servers.isEmpty()
        ? dns
        : dns.put("servers", YamlList.flow(servers.stream().distinct().toList()), comments);
  }
}
