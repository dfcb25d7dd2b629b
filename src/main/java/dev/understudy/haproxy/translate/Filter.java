package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode;
import dev.understudy.haproxy.yaml.YamlScalar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A filter of a route.
 *
 * @param arguments by name, in the order of the short form
 * @param when without leaves that cannot be translated
 * @param comments the lines that it comes from
 */
record Filter(String name, Map<String, String> arguments, Expression when, List<String> comments) {

  /** Begins the names of arguments that are header fields. */
  static final String HEADERS = "headers.";

  /** Filters whose arguments are named, as most are optional. */
  private static final Set<String> NAMED = Set.of("RateLimit", "BasicAuth");

  static Filter of(String name, Expression when, Statement from, String... namesAndValues) {
    Map<String, String> arguments = new LinkedHashMap<>();
    for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
      arguments.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Filter(name, arguments, when, List.of(from.source()));
  }

  Filter with(List<String> more) {
    return new Filter(name, arguments, when, more);
  }

  Filter on(Expression condition) {
    return new Filter(name, arguments, condition, comments);
  }

  /** The short form if its arguments allow it, else the long one. */
  YamlNode yaml() {
    boolean always = when.equals(Expression.Constant.TRUE);
    boolean plain =
        isShort()
            && (!NAMED.contains(name) || arguments.size() == 1)
            && arguments.values().stream().allMatch(Filter::isPlain);
    if (plain) {
      String text = arguments.isEmpty() ? name : name + "=" + String.join(", ", arguments.values());
      return YamlScalar.text(always ? text : text + " when " + when.text());
    }
    YamlMap map = YamlMap.flow().put("name", name);
    YamlMap values = YamlMap.flow();
    YamlMap headers = YamlMap.flow();
    arguments.forEach(
        (key, value) -> {
          if (key.startsWith(HEADERS)) {
            headers.put(key.substring(HEADERS.length()), YamlScalar.text(value));
          } else {
            values.put(
                key,
                value.matches("[0-9]{1,9}")
                    ? YamlScalar.number(Long.parseLong(value))
                    : YamlScalar.text(value));
          }
        });
    if (!headers.isEmpty()) {
      values.put("headers", headers);
    }
    map.put("args", values);
    if (!always) {
      map.put("when", YamlScalar.text(when.text()));
    }
    return map;
  }

  /** Whether the short form has all: that of Respond has a status and a text only. */
  private boolean isShort() {
    return arguments.keySet().stream().noneMatch(key -> key.startsWith(HEADERS))
        && (!name.equals("Respond") || arguments.size() == 2);
  }

  private static boolean isPlain(String value) {
    return !value.isEmpty()
        && value.indexOf(',') < 0
        && !value.contains(" when ")
        && value.equals(value.strip());
  }
}
