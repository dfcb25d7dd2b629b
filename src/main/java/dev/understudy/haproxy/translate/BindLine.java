package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.translate.AcceptedArguments.Parameter;
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
 * @param addresses of all that the line names, parted by commas, as far as they are right
 * @param parameters with their values; of repeated ones all values, in order, and of opposite ones
 *     the last
 * @param wrong a problem of the line; empty: none
 * @param isCut whether a range has more ports than {@link #MOST}
 */
record BindLine(
    List<Endpoint> addresses, Map<String, List<String>> parameters, String wrong, boolean isCut) {
  /**
   * An address to listen on.
   *
   * @param host empty: all
   * @param other a kind of socket that Understudy lacks, such as a path; empty: an IP address
   */
  record Endpoint(String host, int port, String other) {}

  /** Most ports that one range may stand for. */
  static final int MOST = 100;

  /** What HAProxy finds for the name that every machine has. */
  private static final String LOOPBACK = "127.0.0.1";

  /** Parameters that do not change how connections are served. */
  private static final Set<String> SOCKET = Set.of("name", "v4v6", "v6only", "tfo", "id");

  private static final Pattern FAMILY = Pattern.compile("^(ipv4@|ipv6@|ipv4:|tcp4@|tcp6@|tcp@)+");
  private static final Pattern OTHER = Pattern.compile("/.*|[a-z0-9+]+@.*");
  private static final Pattern PORTS =
      Pattern.compile("(?<first>[0-9]{1,5})(-(?<last>[0-9]{1,5}))?");

  static BindLine of(List<String> words) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (Parameter each : AcceptedArguments.parameters("bind", words.stream().skip(1).toList())) {
      parameters.remove(ServerLine.opposite(each.name()));
      parameters.computeIfAbsent(each.name(), any -> new ArrayList<>()).addAll(each.value());
    }
    List<Endpoint> endpoints = new ArrayList<>();
    boolean isCut = false;
    try {
      if (words.isEmpty()) {
        throw new SyntaxException("expected an address such as ':80' after bind");
      }
      for (String each : List.of(words.getFirst().split(",", -1))) {
        isCut |= add(each, endpoints);
      }
    } catch (SyntaxException e) {
      return new BindLine(endpoints, parameters, e.text(), isCut);
    }
    return new BindLine(endpoints, parameters, "", isCut);
  }

  /** Adds the addresses of a text; whether there are more than those. */
  private static boolean add(String text, List<Endpoint> to) {
    String address = FAMILY.matcher(text).replaceFirst("");
    if (OTHER.matcher(address).matches()) {
      to.add(new Endpoint("", 0, text));
      return false;
    }
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw new SyntaxException(
          "expected an address and a port such as '*:80', found '" + text + "'");
    }
    String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
    Matcher ports = PORTS.matcher(address.substring(colon + 1));
    if (!ports.matches()) {
      throw new SyntaxException("expected a port or a range of ports in '" + text + "'");
    }
    if (!ServerLine.Target.isHost(host)) {
      throw new SyntaxException("expected an IP address in '" + text + "'");
    }
    int first = Integer.parseInt(ports.group("first"));
    int last = ports.group("last") == null ? first : Integer.parseInt(ports.group("last"));
    if (first < 1 || last > 65_535 || last < first) {
      throw new SyntaxException("expected ports from 1 to 65535 in '" + text + "'");
    }
    boolean isAny = host.equals("*") || host.equals("0.0.0.0") || host.equals("::");
    String own = host.equals("localhost") ? LOOPBACK : host;
    int most = Math.min(last, first + MOST - 1);
    for (int port = first; port <= most; port++) {
      to.add(new Endpoint(isAny ? "" : own, port, ""));
    }
    return most < last;
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
