package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.translate.AcceptedArguments.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code server}, {@code server-template} or {@code dispatch} line.
 *
 * @param count of a template's servers; 0: this is none
 * @param parameters with those of the {@code default-server} lines before it
 */
record ServerLine(
    Statement statement, String name, String address, int count, Map<String, String> parameters) {
  /**
   * A server's address.
   *
   * @param port 0: none is given
   */
  record Target(String host, int port) {
    private static final Pattern FORM =
        Pattern.compile(
            "(?<host>\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9_][A-Za-z0-9._-]*)(:(?<port>[0-9]{1,5}))?");

    /** An IPv6 address without brackets: what stands behind its last colon is the port. */
    private static final Pattern BARE =
        Pattern.compile("^([0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f.]*):([0-9]{1,5})$");

    private static final String IPV4 = "((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}";

    /** Whether a host is more than numbers, or an IPv4 address. */
    static boolean isHost(String text) {
      return !text.matches("[0-9.]+") || text.matches(IPV4);
    }

    /** The address of a line; absent if it is of another kind, such as a UNIX socket. */
    static Optional<Target> parse(String text) {
      String address = text.replaceFirst("^(ipv4@|ipv6@|tcp@|tcp4@|tcp6@)", "");
      Matcher matcher = FORM.matcher(BARE.matcher(address).replaceFirst("[$1]:$2"));
      if (!matcher.matches()) {
        return Optional.empty();
      }
      String host = matcher.group("host");
      int port = matcher.group("port") == null ? 0 : Integer.parseInt(matcher.group("port"));
      if (port > 65_535 || !isHost(host)) {
        return Optional.empty();
      }
      return Optional.of(new Target(host, port));
    }
  }

  /** Parameters that restore a default by taking another away. */
  private static final Map<String, String> RESTORING =
      Map.of("enabled", "disabled", "stick", "non-stick");

  private static final String NO = "no-";
  private static final int HIGHEST_PORT = 65_535;

  /** The servers of a section's lines. */
  static List<ServerLine> all(List<Statement> lines) {
    List<ServerLine> servers = new ArrayList<>();
    Map<String, String> defaults = Map.of();
    for (Statement line : lines) {
      int address = line.keyword().equals("server") ? 2 : 3;
      switch (line.keyword()) {
        case "default-server" -> defaults = parameters(defaults, line.from(1));
        case "dispatch" -> servers.add(new ServerLine(line, "dispatch", line.word(1), 0, Map.of()));
        case "server", "server-template" -> {
          if (problem(line).isEmpty()) {
            int count = address == 2 ? 0 : count(line.word(2));
            Map<String, String> own = parameters(defaults, line.from(address + 1));
            servers.add(new ServerLine(line, line.word(1), line.word(address), count, own));
          }
        }
        default -> {}
      }
    }
    return servers;
  }

  /** What is wrong with a line; empty: nothing. */
  static String problem(Statement line) {
    String range = line.word(2);
    return switch (line.keyword()) {
      case "server" -> line.size() < 3 ? "expected 'server NAME ADDRESS[:PORT]'" : "";
      case "server-template" ->
          line.size() < 4 || !range.matches("[0-9]{1,4}(-[0-9]{1,4})?")
              ? "expected 'server-template PREFIX COUNT|FIRST-LAST ADDRESS'"
              : count(range) < 1 ? "expected servers from 1 on, found '" + range + "'" : "";
      default -> "";
    };
  }

  /** The number of servers of {@code COUNT} or {@code FIRST-LAST}. */
  private static int count(String range) {
    int dash = range.indexOf('-');
    int first = dash < 0 ? 1 : Integer.parseInt(range.substring(0, dash));
    int last = Integer.parseInt(range.substring(dash + 1));
    return last == 0 ? 0 : last - first + 1;
  }

  /** The parameters of a line, on top of others. */
  static Map<String, String> parameters(Map<String, String> defaults, List<String> words) {
    Map<String, String> parameters = new LinkedHashMap<>(defaults);
    for (Parameter each : AcceptedArguments.parameters("server", words)) {
      String name = each.name();
      String restored = RESTORING.get(name);
      if (restored == null) {
        parameters.remove(opposite(name));
        parameters.put(name, String.join("", each.value()));
      } else {
        parameters.remove(restored);
      }
    }
    return parameters;
  }

  /** The parameter that another one takes away. */
  static String opposite(String parameter) {
    return parameter.startsWith(NO) ? parameter.substring(NO.length()) : NO + parameter;
  }

  boolean has(String parameter) {
    return parameters.containsKey(parameter);
  }

  /** The value of a parameter; empty if it is not there. */
  String value(String parameter) {
    return parameters.getOrDefault(parameter, "");
  }

  Optional<String> find(String parameter) {
    return Optional.of(value(parameter)).filter(value -> !value.isEmpty());
  }

  boolean isBackup() {
    return has("backup");
  }

  boolean isChecked() {
    return has("check");
  }

  /** Whether the servers of a template are those of SRV records. */
  boolean isService() {
    return count > 0 && address.startsWith("_");
  }

  /**
   * The server's URL; absent if it has no host or no port.
   *
   * @param port of a server that names none; 0: unknown
   */
  Optional<String> url(boolean tcp, int port) {
    String scheme = tcp ? (has("ssl") ? "tls" : "tcp") : has("ssl") ? "https" : "http";
    return isService()
        ? Optional.of(scheme + "+srv://" + address.replaceAll(":[0-9]+$", ""))
        : Target.parse(address)
            .map(target -> target.port() > 0 ? target : new Target(target.host(), port))
            .filter(target -> target.port() > 0)
            .map(target -> scheme + "://" + target.host() + ":" + target.port());
  }

  /** The share of requests; absent if there is none or it is out of range. */
  Optional<Long> weight() {
    return find("weight")
        .filter(text -> text.matches("[0-9]{1,3}"))
        .map(Long::valueOf)
        .filter(weight -> weight <= 256);
  }

  /** Whether HTTP/2 is spoken: without TLS nobody offers it by ALPN. */
  boolean isHttp2() {
    return value("proto").equals("h2")
        || (has("ssl") && List.of(value("alpn").split(",", -1)).contains("h2"));
  }

  /** The version of the PROXY protocol that traffic begins with. */
  Optional<String> proxyProtocol() {
    if (parameters.keySet().stream().anyMatch(each -> each.startsWith("send-proxy-v2"))) {
      return Optional.of("v2");
    }
    return has("send-proxy") ? Optional.of("v1") : Optional.empty();
  }

  /** Where {@code addr} has the server checked. */
  Optional<Target> checkAddress() {
    return find("addr").flatMap(Target::parse);
  }

  /** Whether checks go to another port or host than traffic, so that they are not like it. */
  boolean isCheckedElsewhere() {
    return has("port") || has("addr");
  }

  /**
   * The port of checks: the one that {@code port} names, else the one in {@code addr}, else 0 for
   * the server's own port; absent if the value of {@code port} is no port.
   */
  Optional<Integer> checkPort() {
    return Optional.of("0" + value("port"))
        .filter(port -> port.matches("[0-9]{1,6}"))
        .map(Integer::valueOf)
        .filter(port -> port <= HIGHEST_PORT)
        .map(port -> port > 0 ? port : checkAddress().map(Target::port).orElse(0));
  }
}
