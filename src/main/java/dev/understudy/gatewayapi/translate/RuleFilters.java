package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.Match.PathMatch;
import dev.understudy.gatewayapi.object.Match.PathType;
import dev.understudy.gatewayapi.object.RouteFilter;
import dev.understudy.gatewayapi.object.RouteFilter.Field;
import dev.understudy.gatewayapi.object.RouteFilter.Headers;
import dev.understudy.gatewayapi.object.RouteFilter.PathChange;
import dev.understudy.gatewayapi.object.RouteFilter.Redirect;
import dev.understudy.gatewayapi.object.RouteFilter.Rewrite;
import dev.understudy.pool.ManagedFields;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.TextFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Filters of a rule as filters of the express lane. Their texts are literal: braces mean braces.
 */
final class RuleFilters {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]{1,253}");
  private static final Pattern VISIBLE = Pattern.compile("[ -~]+");
  private static final Pattern STRAY = Pattern.compile("//|/\\.{1,2}(/|$)");

  private final BoundListener listener;
  private final PathMatch matched;
  private final List<RoutePart> parts = new ArrayList<>();

  private RuleFilters(BoundListener listener, PathMatch matched) {
    this.listener = listener;
    this.matched = matched;
  }

  /** Whether one of them ends every request, so that none goes to a backend. */
  static boolean redirect(List<RouteFilter> filters) {
    return filters.stream().anyMatch(Redirect.class::isInstance);
  }

  /**
   * The filters of a rule at one of its listeners.
   *
   * @param matched the path whose prefix a filter may replace
   * @throws Refusal if one is not supported
   */
  static List<RoutePart> of(List<RouteFilter> filters, BoundListener listener, PathMatch matched)
      throws Refusal {
    if (redirect(filters) && filters.stream().anyMatch(Rewrite.class::isInstance)) {
      throw new Refusal(
          Refusal.INCOMPATIBLE_FILTERS, "RequestRedirect and URLRewrite cannot stand in one rule");
    }
    RuleFilters to = new RuleFilters(listener, matched);
    for (RouteFilter each : filters) {
      switch (each) {
        case Headers headers -> to.edit(headers);
        case Rewrite rewrite -> to.rewrite(rewrite);
        case Redirect redirect -> to.redirect(redirect);
        case RouteFilter.Unsupported other ->
            throw Refusal.unsupported("filter " + other.type() + " is not supported");
      }
    }
    return to.parts;
  }

  private void edit(Headers headers) throws Refusal {
    String of = headers.ofResponse() ? "ResponseHeader" : "RequestHeader";
    for (Field each : headers.set()) {
      add("Set" + of, "name", named(each.name()), "value", value(each));
    }
    for (Field each : headers.add()) {
      add("Add" + of, "name", named(each.name()), "value", value(each));
    }
    for (String each : headers.remove()) {
      add("Remove" + of, "name", named(each));
    }
  }

  private static String named(String name) throws Refusal {
    if (!TextFormat.TOKEN.fits(name)) {
      throw Refusal.unsupported("expected the name of a header field, found '" + name + "'");
    }
    if (ManagedFields.has(name)) {
      throw Refusal.unsupported("header field " + name + " is managed by the proxy itself");
    }
    return name;
  }

  /** A value in which no brace begins a value of the request. */
  private static String value(Field field) throws Refusal {
    String value = field.value().trim();
    if (!VISIBLE.matcher(value).matches()) {
      throw Refusal.unsupported(
          "expected visible ASCII characters in the value of header field " + field.name());
    }
    return value.replace("{", "{open-brace}");
  }

  private void rewrite(Rewrite rewrite) throws Refusal {
    String hostname = rewrite.hostname();
    if (hostname != null) {
      add("SetHost", "host", host(hostname));
    }
    PathChange path = rewrite.path();
    if (path != null && path.prefixOnly()) {
      replacePrefix(path.value());
    } else if (path != null) {
      add("SetPath", "template", whole(path.value()));
    }
  }

  private void redirect(Redirect redirect) throws Refusal {
    if (!REDIRECTS.contains(redirect.status())) {
      throw Refusal.unsupported("status " + redirect.status() + " of a redirect is not supported");
    }
    PathChange path = redirect.path();
    String target = "{target}";
    if (path != null && path.prefixOnly()) {
      replacePrefix(path.value());
    } else if (path != null) {
      target = whole(path.value()) + "{query}";
    }
    add(
        "Redirect",
        "status",
        Integer.toString(redirect.status()),
        "location",
        origin(redirect) + target);
  }

  private String origin(Redirect redirect) throws Refusal {
    String hostname = redirect.hostname();
    String host = hostname == null ? "{host-name}" : host(hostname);
    String scheme = redirect.scheme();
    if (scheme != null && !scheme.equals("http") && !scheme.equals("https")) {
      throw Refusal.unsupported("scheme " + scheme + " of a redirect is not supported");
    }
    String own = listener.endsTls() ? "https" : "http";
    String next = scheme == null ? own : scheme;
    Integer given = redirect.port();
    int port = given != null ? given : scheme == null ? listener.entry().port() : port(scheme);
    if (port != port(next)) {
      return next + "://" + host + ":" + port;
    }
    // A balancer in front may end TLS: then the scheme is not the listener's.
    return (scheme == null && given == null ? "{scheme}" : next) + "://" + host;
  }

  private static int port(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }

  private static String host(String hostname) throws Refusal {
    if (!HOST.matcher(hostname).matches()) {
      throw Refusal.unsupported("expected a host name, found '" + hostname + "'");
    }
    return hostname;
  }

  private static String whole(String path) throws Refusal {
    String normal = NormalPath.of(path);
    if (!normal.startsWith("/") || STRAY.matcher(normal).find()) {
      throw Refusal.unsupported(
          "expected a path that begins with '/', without '//' and dot segments, found '%s'"
              .formatted(path));
    }
    return normal;
  }

  /** Replaces the segments that matched; what follows them stays. */
  private void replacePrefix(String written) throws Refusal {
    if (matched.type() != PathType.PREFIX) {
      throw Refusal.unsupported("a prefix is replaced only where the path matches by its prefix");
    }
    String from = NormalPath.withoutLastSlash(NormalPath.of(matched.value()));
    String to = written.isEmpty() ? "" : NormalPath.withoutLastSlash(whole(written));
    if (from.equals(to)) {
      return;
    }
    // An empty replacement leaves the slash that follows, or the one of an empty path.
    add(
        "RewritePath",
        "regexp",
        "^" + literal(from) + (to.isEmpty() ? "/?" : ""),
        "replacement",
        to.isEmpty() ? "/" : to.replace("$", "%24"));
  }

  /** An expression that matches that text alone, in all dialects. */
  private static String literal(String text) {
    return text.replaceAll("[^A-Za-z0-9/_%~]", "\\\\$0");
  }

  /**
   * @param arguments names and values by turns
   */
  private void add(String name, String... arguments) {
    Map<String, String> args = new LinkedHashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      args.put(arguments[i], arguments[i + 1]);
    }
    parts.add(new RoutePart(name, args));
  }
}
