package dev.understudy.haproxy.objects;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One route of a dynamic file, as an HTTPRoute can say it. */
final class RouteObjects {
  private static final Pattern FILTER = Pattern.compile("([A-Za-z]+)(?:=(.*?))?(?: when (.*))?");
  private static final Pattern HEADER = Pattern.compile("(Set|Add|Remove)(Request|Response)Header");
  private static final Pattern ELSEWHERE = Pattern.compile("(https?)://([A-Za-z0-9.-]+)\\{target}");

  /** What a request can do without. */
  private static final Pattern HARMLESS =
      Pattern.compile("PreferServer|Compress.*|.*ResponseHeader.*");

  private final String id;
  private final String pool;
  private final Matches matches = new Matches();
  private final List<String> listeners = new ArrayList<>();
  private final List<String> redirected = new ArrayList<>();
  private final Map<String, String> preferred = new LinkedHashMap<>();
  private final List<Matches> denied = new ArrayList<>();
  private final Map<String, Map<String, List<Object>>> headers = new LinkedHashMap<>();
  private @Nullable Map<String, Object> redirect;
  private int toHttps;

  private RouteObjects(Map<String, Object> route) {
    id = String.valueOf(route.get("id"));
    String uri = String.valueOf(route.get("uri"));
    pool = uri.startsWith("pool://") ? uri.substring("pool://".length()) : "";
  }

  /**
   * Reads a route.
   *
   * @param http the listeners of HTTP, and whether TLS ends there
   * @return null if it is left out
   */
  static @Nullable RouteObjects of(
      Map<String, Object> route, Map<String, Boolean> http, Losses losses) {
    RouteObjects read = new RouteObjects(route);
    read.listeners.addAll(http.keySet());
    for (Object each : Fields.list(route.get("predicates"))) {
      if (!read.predicate(String.valueOf(each))) {
        losses.add("id: " + read.id, "the route is left out: " + each + " cannot be said");
        return null;
      }
    }
    if (read.matches.isLoose()) {
      losses.add("id: " + read.id, "a prefix of the path ends at a slash: /app has not /apple");
    }
    for (Object each : Fields.list(route.get("filters"))) {
      String filter = String.valueOf(each);
      if (!read.filter(filter, losses)) {
        losses.add(filter, "cannot be said, so that route " + read.id + " is left out");
        return null;
      }
    }
    if (read.toHttps > 0) {
      read.listeners.stream()
          .filter(name -> Boolean.FALSE.equals(http.get(name)))
          .forEach(read.redirected::add);
    }
    if (read.pool.isEmpty() && read.redirect == null) {
      losses.add("id: " + read.id, "the route is left out: it leads to no pool");
      return null;
    }
    return read;
  }

  private boolean predicate(String text) {
    String[] parts = text.split("=", 2);
    if (parts.length < 2) {
      return false;
    }
    if (parts[0].equals("Listener")) {
      listeners.retainAll(List.of(parts[1].split(",")));
      return true;
    }
    return switch (parts[0]) {
      case "Path" -> matches.paths(List.of(parts[1].split(",")));
      case "Host" -> matches.term("host", List.of(parts[1].split(",")));
      case "Method" -> matches.term("method", List.of(parts[1].split(",")));
      case "When" -> matches.all(parts[1]) && matches.except().isEmpty();
      default -> false;
    };
  }

  /** Reads a filter; returns whether the route can be said without it. */
  private boolean filter(String text, Losses losses) {
    Matcher parts = FILTER.matcher(text);
    if (!parts.matches()) {
      return false;
    }
    String args = parts.group(2) == null ? "" : parts.group(2);
    String when = parts.group(3);
    String name = parts.group(1);
    Matcher header = HEADER.matcher(name);
    if (header.matches()) {
      return header(header, args.split(", *", 2), when, text, losses);
    }
    Matches condition = new Matches();
    switch (name) {
      case "StrictTransportSecurity" -> {
        return header(
            HEADER.matcher("SetResponseHeader"),
            new String[] {"Strict-Transport-Security", args},
            when,
            text,
            losses);
      }
      case "RedirectToHttps" -> {
        toHttps = when == null ? Integer.parseInt(args) : 0;
        return when == null;
      }
      case "Redirect" -> {
        String[] to = args.split(", *", 2);
        Matcher elsewhere = ELSEWHERE.matcher(to.length < 2 ? "" : to[1]);
        if (when != null || !elsewhere.matches()) {
          return false;
        }
        redirect = redirect(elsewhere.group(1), elsewhere.group(2), Integer.parseInt(to[0]));
        return true;
      }
      case "Deny" -> {
        if (when == null || !condition.all(when) || !isDenied(condition)) {
          return false;
        }
        losses.add(
            text,
            "said by a rule without a backend, whose status is 500; other forms of the path, such"
                + " as //x, are not denied");
        denied.add(condition);
        return true;
      }
      case "PreferServer" -> {
        if (when != null && condition.all(when) && condition.isHostAlone()) {
          condition.hosts().forEach(host -> preferred.put(host, args));
          losses.add(text, "said by a FailoverPolicy of its own, unless it is the master's");
          return true;
        }
      }
      default -> {
        // Said below.
      }
    }
    if (HARMLESS.matcher(name).matches()) {
      losses.add(text, "not said");
      return true;
    }
    return false;
  }

  /** Whether a rule without a backend can say it, beside those before it. */
  private boolean isDenied(Matches condition) {
    return condition.narrows(matches)
        && (denied.isEmpty()
            || (condition.isByPath() && denied.stream().allMatch(Matches::isByPath)));
  }

  private boolean header(
      Matcher header, String[] args, @Nullable String when, String text, Losses losses) {
    boolean request = header.matches() && header.group(2).equals("Request");
    boolean literal = when == null && (args.length < 2 || args[1].indexOf('{') < 0);
    String verb = header.group(1).toLowerCase(Locale.ROOT);
    if (!literal && !request) {
      losses.add(text, "not said");
      return true;
    }
    if (!literal) {
      losses.add(text, "not said; what clients send in this field is removed");
      verb = "remove";
    }
    Object value =
        verb.equals("remove")
            ? args[0]
            : Fields.of("name", args[0], "value", args[args.length - 1]);
    headers
        .computeIfAbsent(header.group(2), fresh -> new LinkedHashMap<>())
        .computeIfAbsent(verb, fresh -> new ArrayList<>())
        .add(value);
    return true;
  }

  private static Map<String, Object> redirect(String scheme, @Nullable String host, int status) {
    Map<String, Object> to = Fields.of("scheme", scheme);
    if (host != null) {
      to.put("hostname", host);
    }
    to.put("statusCode", status);
    return Fields.of("type", "RequestRedirect", "requestRedirect", to);
  }

  private List<Object> filters() {
    List<Object> filters = new ArrayList<>();
    headers.forEach(
        (of, edits) ->
            filters.add(
                Fields.of(
                    "type",
                    of + "HeaderModifier",
                    of.toLowerCase(Locale.ROOT) + "HeaderModifier",
                    edits)));
    if (redirect != null) {
      filters.add(redirect);
    }
    return filters;
  }

  String id() {
    return id;
  }

  String pool() {
    return pool;
  }

  List<String> hosts() {
    return matches.hosts();
  }

  /** Its listeners, but for those where all is redirected. */
  List<String> rest() {
    return listeners.stream().filter(each -> !redirected.contains(each)).toList();
  }

  /** Listeners in the clear where all is redirected to TLS. */
  List<String> redirected() {
    return redirected;
  }

  /** The servers that are preferred, by hosts. */
  Map<String, String> preferred() {
    return preferred;
  }

  /** Whether an object that says another route would be tried before this one. */
  boolean comesAfter(RouteObjects other) {
    return matches.specificity() < other.matches.specificity();
  }

  /** The spec without parents, of all that is redirected to TLS. */
  Map<String, Object> specToHttps() {
    List<Object> filters = List.of(redirect("https", null, toHttps));
    return spec(hosts(), List.of(rule(matches.combined(List.of()), filters, null)));
  }

  /** The spec without parents. */
  Map<String, Object> spec(List<String> hosts, @Nullable Map<String, Object> backend) {
    List<Object> rules = new ArrayList<>();
    for (Matches each : denied) {
      if (!each.except().isEmpty()) {
        rules.add(rule(each.combined(each.except()), filters(), backend));
      }
      rules.add(rule(each.combined(List.of()), List.of(), null));
    }
    rules.add(rule(matches.combined(List.of()), filters(), backend));
    return spec(hosts, rules);
  }

  private static Map<String, Object> spec(List<String> hosts, List<Object> rules) {
    Map<String, Object> spec = new LinkedHashMap<>();
    if (!hosts.isEmpty()) {
      spec.put("hostnames", hosts);
    }
    spec.put("rules", rules);
    return spec;
  }

  private static Map<String, Object> rule(
      List<Object> matches, List<Object> filters, @Nullable Map<String, Object> backend) {
    Map<String, Object> rule = Fields.of("matches", matches);
    if (!filters.isEmpty()) {
      rule.put("filters", filters);
    }
    if (backend != null) {
      rule.put("backendRefs", List.of(backend));
    }
    return rule;
  }
}
