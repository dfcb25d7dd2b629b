package dev.understudy.proxy.gateway;

import dev.understudy.pool.RoutePart;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * A filter of the file as one text, since the Gateway passes arguments of filters on as texts and
 * would read some characters in its own way.
 */
final class PartText {
  private static final String VARIABLE = "{}";
  private static final String WHEN = "when";
  private static final String ROUTE = "route";
  private static final String ARGUMENT = "-";

  /**
   * A filter.
   *
   * @param variables the names in braces that are its route's own
   * @param route the id of its route
   */
  record Read(RoutePart part, Set<String> variables, String route) {}

  private PartText() {}

  static String of(RoutePart part, Set<String> variables, String route) {
    StringJoiner text = new StringJoiner("&");
    text.add(part.name());
    text.add(pair(ROUTE, route));
    String when = part.when();
    if (when != null) {
      text.add(pair(WHEN, when));
    }
    variables.forEach(variable -> text.add(pair(VARIABLE, variable)));
    part.args().forEach((name, value) -> text.add(pair(ARGUMENT + name, value)));
    return text.toString();
  }

  private static String pair(String name, String value) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8)
        + "="
        + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  static Read read(String text) {
    String[] pairs = text.split("&", -1);
    Map<String, String> args = new LinkedHashMap<>();
    Set<String> variables = new HashSet<>();
    String when = null;
    String route = "";
    for (int i = 1; i < pairs.length; i++) {
      int equals = pairs[i].indexOf('=');
      String name = URLDecoder.decode(pairs[i].substring(0, equals), StandardCharsets.UTF_8);
      String value = URLDecoder.decode(pairs[i].substring(equals + 1), StandardCharsets.UTF_8);
      switch (name) {
        case WHEN -> when = value;
        case ROUTE -> route = value;
        case VARIABLE -> variables.add(value);
        default -> args.put(name.substring(ARGUMENT.length()), value);
      }
    }
    return new Read(new RoutePart(pairs[0], args, when), variables, route);
  }
}
