package dev.understudy.haproxy.objects;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a request must have, as HTTPRoutes say it. */
final class Matches {
  private static final Pattern TERM = Pattern.compile("(not )?([a-z-]+)\\(([^()\"]*)\\)");
  private static final Pattern NO_PATTERN = Pattern.compile("[^*{}?]+");

  private final List<String> hosts = new ArrayList<>();
  private final List<Map<String, Object>> paths = new ArrayList<>();
  private final List<String> methods = new ArrayList<>();
  private final List<Object> headers = new ArrayList<>();
  private final List<Object> except = new ArrayList<>();

  /** Whether a prefix ends within an element of the path, which objects compare whole. */
  private boolean loose;

  List<String> hosts() {
    return hosts;
  }

  /** Header fields of requests that are not meant. */
  List<Object> except() {
    return except;
  }

  boolean isLoose() {
    return loose;
  }

  /** Whether it has no header fields, by which rules of one path would outdo one another. */
  boolean isByPath() {
    return headers.isEmpty() && except.isEmpty();
  }

  boolean isHostAlone() {
    return !hosts.isEmpty()
        && paths.isEmpty()
        && methods.isEmpty()
        && headers.isEmpty()
        && except.isEmpty();
  }

  /** Adds patterns of paths; returns whether all can be said. */
  boolean paths(List<String> patterns) {
    for (String each : patterns) {
      boolean prefix = each.endsWith("/**");
      String path = prefix ? each.substring(0, each.length() - 3) : each;
      if (!path.isEmpty() && !NO_PATTERN.matcher(path).matches()) {
        return false;
      }
      paths.add(path(prefix, path.isEmpty() ? "/" : path));
    }
    return true;
  }

  private static Map<String, Object> path(boolean prefix, String value) {
    return Fields.of("type", prefix ? "PathPrefix" : "Exact", "value", value);
  }

  /** Adds the terms of a condition; returns whether all can be said. */
  boolean all(String condition) {
    for (String each : condition.split(" and ", -1)) {
      Matcher term = TERM.matcher(each);
      if (!term.matches()) {
        return false;
      }
      List<String> values = List.of(term.group(3).split(", *"));
      boolean negated = term.group(1) != null;
      if (term.group(2).equals("header")) {
        (negated ? except : headers).add(header(values));
      } else if (negated || !term(term.group(2), values)) {
        return false;
      }
    }
    return except.size() < 2;
  }

  /** Adds a term; returns whether it can be said. */
  boolean term(String name, List<String> values) {
    if (values.getFirst().startsWith("i: ")) {
      return false;
    }
    switch (name) {
      case "host" ->
          values.forEach(each -> hosts.add(each.startsWith("**.") ? each.substring(1) : each));
      case "method" -> methods.addAll(values);
      case "path" -> values.forEach(each -> paths.add(path(false, each)));
      case "path-prefix" -> {
        values.forEach(each -> paths.add(path(true, each)));
        loose |= !values.stream().allMatch(each -> each.endsWith("/"));
      }
      default -> {
        return false;
      }
    }
    return hosts.stream().allMatch(each -> each.matches("(\\*\\.)?[a-zA-Z0-9.-]+"));
  }

  private static Map<String, Object> header(List<String> values) {
    boolean anyCase = values.getFirst().startsWith("i: ");
    String name = anyCase ? values.getFirst().substring(3) : values.getFirst();
    List<String> texts = values.subList(1, values.size());
    if (texts.size() == 1 && !anyCase) {
      return Fields.of("name", name, "value", texts.getFirst());
    }
    String expression =
        texts.isEmpty()
            ? ".*"
            : texts.stream()
                .map(each -> each.replaceAll("[^A-Za-z0-9 _-]", "\\\\$0"))
                .collect(Collectors.joining("|", anyCase ? "(?i:" : "(?:", ")"));
    return Fields.of("type", "RegularExpression", "name", name, "value", expression);
  }

  /** Whether a rule of these comes before one of the others, wherever both match. */
  boolean narrows(Matches others) {
    return hosts.isEmpty()
        && !loose
        && !paths.isEmpty()
        && others.headers.isEmpty()
        && others.methods.isEmpty()
        && specificity() > others.specificity();
  }

  /** Higher where an object comes first: hosts, then exact paths, then longer ones. */
  int specificity() {
    int host = hosts.isEmpty() ? 0 : hosts.stream().anyMatch(h -> h.startsWith("*")) ? 1 : 2;
    int path =
        paths.stream()
            .mapToInt(
                each ->
                    String.valueOf(each.get("value")).length()
                        + ("Exact".equals(each.get("type")) ? 10_000 : 0))
            .min()
            .orElse(1);
    return host * 100_000 + path;
  }

  /**
   * All combinations.
   *
   * @param more header fields besides
   */
  List<Object> combined(List<Object> more) {
    List<Object> all = new ArrayList<>();
    List<Object> fields = new ArrayList<>(headers);
    fields.addAll(more);
    for (Map<String, Object> path : paths.isEmpty() ? List.of(path(true, "/")) : paths) {
      for (String method : methods.isEmpty() ? List.of("") : methods) {
        Map<String, Object> match = Fields.of("path", path);
        if (!method.isEmpty()) {
          match.put("method", method);
        }
        if (!fields.isEmpty()) {
          match.put("headers", fields);
        }
        all.add(match);
      }
    }
    return all;
  }
}
