package dev.understudy.haproxy.translate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code bind} line.
 *
 * @param addresses as written, several parted by commas or blanks
 * @param parameters with their values; of repeated ones all values, in order
 * @param wrong a problem of the line; empty: none
 * @param isCut whether a range has more ports than {@link #MOST}
 */
record BindLine(
    List<Endpoint> addresses, Map<String, List<String>> parameters, String wrong, boolean isCut) {
  /**
   * An address to listen on.
   *
   * @param host empty: all
   * @param other a kind of socket that we lack, such as a path; empty: an IP address
   */
  record Endpoint(String host, int port, String other) {}

  /** Most ports that one range may stand for. */
  static final int MOST = 100;

  /** Parameters that say nothing of how connections are served. */
  private static final Set<String> SOCKET = Set.of("name", "v4v6", "v6only", "tfo", "id");

  private static final Pattern RANGE = Pattern.compile(":([0-9]{1,5})-([0-9]{1,5})$");

  private static final String IP = "((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}";

  /** Whether a parameter has no value. */
  static boolean isFlag(String name) {
    Arguments arguments = Arguments.find("bind", name);
    return arguments != null && arguments.isNone();
  }

  static BindLine of(List<String> words) {
    List<Endpoint> endpoints = new ArrayList<>();
    String wrong = words.isEmpty() ? "expected an address such as ':80' after bind" : "";
    if (!words.isEmpty()) {
      for (String each : List.of(words.getFirst().split(",", -1))) {
        String problem = endpoint(each, endpoints);
        wrong = problem.isEmpty() ? wrong : problem;
      }
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (int i = 1; i < words.size(); i++) {
      List<String> values = parameters.computeIfAbsent(words.get(i), any -> new ArrayList<>());
      if (!isFlag(words.get(i)) && i + 1 < words.size()) {
        values.add(words.get(++i));
      }
    }
    return new BindLine(endpoints, parameters, wrong, isCut(words));
  }

  private static boolean isCut(List<String> words) {
    return words.stream()
        .limit(1)
        .flatMap(each -> List.of(each.split(",", -1)).stream())
        .map(RANGE::matcher)
        .filter(Matcher::find)
        .anyMatch(
            each -> Integer.parseInt(each.group(2)) - Integer.parseInt(each.group(1)) >= MOST);
  }

  private static String endpoint(String text, List<Endpoint> to) {
    String address = text;
    for (String prefix : List.of("ipv4@", "ipv6@", "ipv4:", "tcp4@", "tcp6@", "tcp@")) {
      if (address.startsWith(prefix)) {
        address = address.substring(prefix.length());
      }
    }
    if (address.startsWith("/") || address.matches("[a-z0-9+]+@.*")) {
      to.add(new Endpoint("", 0, text));
      return "";
    }
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      return "expected an address and a port such as '*:80', found '" + text + "'";
    }
    String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
    host = host.equals("*") || host.equals("0.0.0.0") || host.equals("::") ? "" : host;
    String ports = address.substring(colon + 1);
    if (!ports.matches("[0-9]{1,5}(-[0-9]{1,5})?")) {
      return "expected a port or a range of ports in '" + text + "'";
    }
    if (host.matches("[0-9.]+") && !host.matches(IP)) {
      return "expected an IP address in '" + text + "'";
    }
    int dash = ports.indexOf('-');
    int first = Integer.parseInt(dash < 0 ? ports : ports.substring(0, dash));
    int last = dash < 0 ? first : Integer.parseInt(ports.substring(dash + 1));
    if (first < 1 || last > 65_535 || last < first) {
      return "expected ports from 1 to 65535 in '" + text + "'";
    }
    for (int port = first; port <= Math.min(last, first + MOST - 1); port++) {
      to.add(new Endpoint(host, port, ""));
    }
    return "";
  }

  /** Whether connections are served in the same way. */
  boolean isLike(BindLine other) {
    return serving().equals(other.serving());
  }

  private Map<String, List<String>> serving() {
    Map<String, List<String>> serving = new LinkedHashMap<>(parameters);
    serving.keySet().removeAll(SOCKET);
    return serving;
  }

  boolean has(String parameter) {
    return parameters.containsKey(parameter);
  }

  List<String> values(String parameter) {
    return parameters.getOrDefault(parameter, List.of());
  }

  /** The last value; empty if there is none. */
  String value(String parameter) {
    List<String> values = values(parameter);
    return values.isEmpty() ? "" : values.getLast();
  }
}
