package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The check of a backend's servers as its lines describe it: an option chooses its kind, rules are
 * the steps of its connection, and servers have where and how they are checked.
 */
final class BackendCheck {
  /** The type of {@code health} for each option that chooses a kind of check. */
  static final Map<String, String> TYPES =
      Map.of(
          "httpchk", "http",
          "tcp-check", "tcp",
          "pgsql-check", "postgresql",
          "redis-check", "redis",
          "mysql-check", "mysql",
          "smtpchk", "tcp",
          "ssl-hello-chk", "tcp",
          "ldap-check", "tcp",
          "spop-check", "tcp",
          "external-check", "tcp");

  /** Keywords of rules, by the option that they belong to. */
  static final Map<String, String> RULES =
      Map.of("httpchk", "http-check", "tcp-check", "tcp-check");

  /** Rules that use the connection: before the first of them one is opened. */
  private static final Set<String> EXCHANGE =
      Set.of("connect", "send", "send-lf", "send-binary", "send-binary-lf", "expect");

  final List<ServerLine> servers;

  /** The section that the first checked server names instead of the backend's check. */
  final Optional<HaproxySection> section;

  /** The server whose parameters count; absent if none is checked. */
  final Optional<ServerLine> first;

  /** Lines that choose a kind, in order: the last one counts. */
  final List<Statement> options;

  /** The option that counts; empty: none. */
  final String kind;

  /** The rules of the first connection. */
  final List<Statement> rules = new ArrayList<>();

  /** The rules of further connections. */
  final List<Statement> otherRules = new ArrayList<>();

  /** The words of {@code connect}; empty: there is none. */
  private final List<String> connect;

  /** Whether {@code connect} decides alone on TLS and the PROXY header, whatever servers have. */
  private final boolean ruled;

  BackendCheck(ProxySection proxy, List<ServerLine> servers) {
    this.servers = servers;
    first = servers.stream().filter(ServerLine::isChecked).findFirst();
    section = first.flatMap(each -> each.find("healthcheck")).map(proxy.context.healthchecks::get);
    options = section.map(Healthchecks::option).orElseGet(() -> options(proxy));
    boolean chosen = first.isPresent() && !options.isEmpty() && !options.getLast().isReset();
    kind = chosen ? options.getLast().word(1) : "";
    String keyword = RULES.getOrDefault(kind, "");
    List<Statement> all =
        section
            .map(each -> each.statements().stream().filter(line -> line.begins(keyword)).toList())
            .orElseGet(() -> proxy.lines(keyword).toList());
    List<Statement> own = all.stream().filter(proxy::isOwn).toList();
    split(own.isEmpty() || section.isPresent() ? all : own);
    connect = rules("connect").findFirst().map(each -> each.from(1)).orElse(List.of());
    ruled = !connect.isEmpty() && !connect.contains("default");
  }

  /** The lines of a backend that choose a kind of check. */
  static List<Statement> options(ProxySection proxy) {
    return proxy.lines("option").filter(each -> TYPES.containsKey(each.word(1))).toList();
  }

  /** Tells the rules of the first connection from others. */
  private void split(List<Statement> all) {
    boolean begun = false;
    for (Statement rule : all) {
      boolean next = begun && rule.word(1).equals("connect");
      (next || !otherRules.isEmpty() ? otherRules : rules).add(rule);
      begun |= EXCHANGE.contains(rule.word(1));
    }
  }

  /** The type of {@code health}. */
  String type() {
    return TYPES.getOrDefault(kind, "tcp");
  }

  boolean isHttp() {
    return kind.equals("httpchk");
  }

  /** Whether certificates do not matter, as a TLS hello is all that is sent. */
  boolean isHello() {
    return kind.equals("ssl-hello-chk");
  }

  /** The rules of an action over the first connection. */
  Stream<Statement> rules(String action) {
    return rules.stream().filter(each -> each.word(1).equals(action));
  }

  /** The port of {@code connect}. */
  Optional<Long> ruledPort() {
    return rules("connect")
        .map(rule -> rule.after("port"))
        .filter(port -> port.matches("[0-9]{1,5}"))
        .map(Long::valueOf)
        .findFirst();
  }

  /** The ports that the lines of checked servers have; 0: their own. */
  private List<Integer> serverPorts() {
    return servers.stream()
        .filter(ServerLine::isChecked)
        .map(server -> server.checkPort().orElse(0))
        .distinct()
        .toList();
  }

  /** The port of the pool's checks that its servers agree on, if no rule has one. */
  Optional<Integer> sharedPort() {
    return Optional.of(serverPorts())
        .filter(ports -> ruledPort().isEmpty() && ports.size() == 1)
        .map(List::getFirst)
        .filter(port -> port > 0);
  }

  /** Whether the port of a server's line counts, for itself or for the pool. */
  boolean isPortRead(ServerLine server) {
    return ruledPort().isEmpty() && (server.isChecked() || serverPorts().size() != 1);
  }

  /** Where a server is checked that the pool does not say: a port of its own, a host. */
  YamlMap place(ServerLine server) {
    YamlMap place = YamlMap.flow();
    if (first.isPresent()) {
      server
          .checkPort()
          .filter(port -> port > 0 && ruledPort().isEmpty() && serverPorts().size() != 1)
          .ifPresent(port -> place.put("health-port", port));
      server
          .checkAddress()
          .map(address -> address.host().replaceAll("[\\[\\]]", ""))
          .ifPresent(host -> place.put("health-host", host));
    }
    return place;
  }

  /** Whether checks speak TLS by the option or a rule; absent: they leave it to servers. */
  Optional<Boolean> ruledTls() {
    boolean tls = isHello() || connect.contains("ssl");
    return tls || (ruled && isSecured()) ? Optional.of(tls) : Optional.empty();
  }

  /** Whether checks speak TLS by the line of the first server; absent: as traffic, or by a rule. */
  Optional<Boolean> serverTls() {
    return first
        .filter(any -> !ruled && ruledTls().isEmpty())
        .filter(
            line ->
                !line.has("ssl")
                    ? line.has("check-ssl")
                    : line.has("no-check-ssl")
                        || (line.isCheckedElsewhere() && !line.has("check-ssl")))
        .map(line -> !line.has("ssl"));
  }

  /** Whether checks speak TLS to servers that do not. */
  boolean isTlsOfItsOwn() {
    return !isSecured() && ruledTls().or(this::serverTls).orElse(false);
  }

  private boolean isSecured() {
    return servers.stream().anyMatch(each -> each.has("ssl"));
  }

  /** Whether a rule has checks begin with a PROXY header. */
  boolean isProxyHeaderRuled() {
    return connect.contains("send-proxy");
  }

  /** Whether the line of the first server does. */
  boolean isProxyHeaderOfServer() {
    return first
        .filter(any -> !ruled && !isProxyHeaderRuled())
        .filter(
            line ->
                line.has("check-send-proxy")
                    || (line.proxyProtocol().isPresent() && !line.isCheckedElsewhere()))
        .isPresent();
  }
}
