package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode.YamlScalar;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A filter of a route.
 *
 * @param arguments by name, in the order of the short form
 * @param when without leaves that cannot be translated
 * @param comments the lines that it comes from
 */
record ImportedFilter(
    String name, Map<String, String> arguments, TranslatedCondition when, List<String> comments) {

  /** Begins the names of arguments that are header fields. */
  static final String HEADERS = "headers.";

  /** Filters whose arguments are named, as most are optional. */
  private static final Set<String> NAMED = Set.of("RateLimit", "BasicAuth", "ForwardAuth");

  static ImportedFilter of(
      String name, TranslatedCondition when, Statement from, String... namesAndValues) {
    return new ImportedFilter(name, arguments(namesAndValues), when, List.of(from.source()));
  }

  static ImportedFilter deny(String status, TranslatedCondition when, String... comments) {
    return new ImportedFilter("Deny", Map.of("status", status), when, List.of(comments));
  }

  /** Arguments by name, in this order. */
  static Map<String, String> arguments(String... namesAndValues) {
    Map<String, String> arguments = new LinkedHashMap<>();
    for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
      arguments.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return arguments;
  }

  ImportedFilter with(List<String> more) {
    return new ImportedFilter(name, arguments, when, more);
  }

  ImportedFilter on(TranslatedCondition condition) {
    return new ImportedFilter(name, arguments, condition, comments);
  }

  /** The short form if its arguments allow it, else the long one. */
  YamlNode yaml() {
    boolean always = when.isAlways();
    boolean plain =
        isShort()
            && (!NAMED.contains(name) || arguments.size() == 1)
            && arguments.values().stream().allMatch(ImportedFilter::isPlain);
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
            headers.put(key.substring(HEADERS.length()), value);
          } else {
            values.put(key, value.matches("[0-9]{1,9}") ? (Object) Long.parseLong(value) : value);
          }
        });
    if (!headers.isEmpty()) {
      values.put("headers", headers);
    }
    map.put("args", values);
    if (!always) {
      map.put("when", when.text());
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

  /** Whether one of these conditions reads what it changes. */
  boolean changesAny(Stream<TranslatedCondition> conditions) {
    return conditions
        .flatMap(each -> each.leaves(TranslatedCondition.Term.class))
        .anyMatch(term -> changes(term.text().toLowerCase(Locale.ROOT)));
  }

  /** Whether it changes what a term reads, which is in lower case. */
  boolean changes(String term) {
    return switch (name) {
      case "SetVariable" -> term.startsWith("variable");
      case "SetPath", "RewritePath", "StripPrefix" ->
          term.startsWith("path") || term.startsWith("target");
      case "SetQuery" -> term.startsWith("query") || term.startsWith("target");
      case "SetHost" -> term.startsWith("host");
      case "SetMethod" -> term.startsWith("method");
      case "SetRequestHeader",
          "AddRequestHeader",
          "RemoveRequestHeader",
          "ReplaceRequestHeader" -> {
        String field = arguments.getOrDefault("name", "").toLowerCase(Locale.ROOT);
        boolean cookie = field.equals("cookie") && term.startsWith("cookie");
        boolean host = field.equals("host") && term.startsWith("host");
        yield cookie || host || (term.startsWith("header") && term.contains(field));
      }
      default -> false;
    };
  }

  /**
   * Filters on responses in their order, which is turned round where it matters: HAProxy runs such
   * rules in their order, the backend's before the frontend's; filters run backwards, as a response
   * goes back through them.
   *
   * @param rules in HAProxy's order
   */
  static List<ImportedFilter> inOrderOfResponses(List<ImportedFilter> rules) {
    return matters(rules) ? rules.reversed() : rules;
  }

  private static boolean matters(List<ImportedFilter> rules) {
    Set<String> fields = new HashSet<>();
    boolean statuses = rules.stream().anyMatch(rule -> rule.name().equals("SetStatus"));
    return rules.stream()
        .anyMatch(
            rule ->
                !fields.add(rule.arguments().getOrDefault("name", "").toLowerCase(Locale.ROOT))
                    || reads(rule)
                    || (statuses && rule.when().text().contains("status")));
  }

  /** Whether the filter reads the response's header, which others may have changed. */
  private static boolean reads(ImportedFilter rule) {
    return rule.when().text().contains("response-header")
        || rule.arguments().values().stream().anyMatch(each -> each.contains("{response."));
  }
}
