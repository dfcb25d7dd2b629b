package dev.understudy.proxy.route;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.http.HttpToken;
import dev.understudy.proxy.route.Step.EditHeader;
import dev.understudy.proxy.route.Step.EditHeader.How;
import dev.understudy.proxy.route.Step.EditHeader.Of;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * Compiles the filters of a route to its steps: our own filters, and those of Spring Cloud Gateway
 * 5.0.3 that a step can stand for.
 */
final class FilterCompiler {
  private static final List<String> NAME = List.of("name");
  private static final List<String> NAME_VALUE = List.of("name", "value");

  /**
   * Headers on which framing, tunnels and our own rules rest, in small letters: filters that change
   * them are not compiled.
   */
  private static final Set<String> NOT_TO_TOUCH =
      Set.of(
          "host",
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "content-length",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "http2-settings",
          "date",
          "forwarded",
          "x-request-id",
          "access-control-request-method",
          "strict-transport-security");

  private static final List<String> PREFIXES_NOT_TO_TOUCH =
      List.of("x-forwarded-", "understudy-", "sec-websocket-", "x-http2-");

  private FilterCompiler() {}

  /**
   * Compiles filters to steps in the Gateway's order: it gives default filters and a route's own
   * the orders 1, 2, … each, and sorts them without changing the order of equals; some of ours
   * {@linkplain FilterOrder come first}.
   *
   * @param variables names in braces that are the route's own
   * @param route the id of the route
   */
  static List<Step> compile(
      List<RoutePart> defaults,
      List<RoutePart> own,
      Set<String> variables,
      String route,
      Guards guards)
      throws NotCompilableException {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < defaults.size(); i++) {
      if (FilterOrder.isFirst(defaults, i, variables)) {
        add(compile(defaults.get(i), variables, Guards.DEFAULTS, guards), steps);
      }
    }
    for (int i = 0; i < Math.max(defaults.size(), own.size()); i++) {
      if (i < defaults.size() && !FilterOrder.isFirst(defaults, i, variables)) {
        add(compile(defaults.get(i), variables, Guards.DEFAULTS, guards), steps);
      }
      if (i < own.size()) {
        add(compile(own.get(i), variables, route, guards), steps);
      }
    }
    return steps;
  }

  private static Step compile(RoutePart filter, Set<String> variables, String route, Guards guards)
      throws NotCompilableException {
    try {
      if (filter.when() == null && !RuleCompiler.isStep(filter, variables)) {
        return compile(filter, route, guards);
      }
      Step step = RuleCompiler.step(filter, variables);
      String header = step == null ? null : RuleCompiler.changedHeader(step);
      if (header != null) {
        requireOurs(header);
      }
      return RuleCompiler.withCondition(
          filter, step == null ? compile(filter, route, guards) : step);
    } catch (IllegalArgumentException e) {
      throw invalid(filter, e);
    }
  }

  /**
   * Adds a step, unless it is a second {@code PrefixPath}: the Gateway prefixes a path only once.
   */
  private static void add(Step step, List<Step> steps) {
    if (!(step instanceof Step.PrefixPath)
        || steps.stream().noneMatch(Step.PrefixPath.class::isInstance)) {
      steps.add(step);
    }
  }

  private static Step compile(RoutePart filter, String route, Guards guards)
      throws NotCompilableException {
    try {
      return switch (filter.name()) {
        case "RedirectToHttps" -> redirect(new FilterArguments(filter, List.of("status", "port")));
        case "RedirectToHost" -> {
          FilterArguments to = new FilterArguments(filter, List.of("status", "url"));
          yield Step.RedirectToHost.of(to.number("status"), to.text("url"));
        }
        case "StrictTransportSecurity" ->
            Step.TransportSecurity.of(one(filter, "value").text("value"));
        case "RequireWebSocketUpgrade" -> Step.WebSocketGuard.of(one(filter, "path").text("path"));
        case "Deny" -> new Step.Deny(status(one(filter, "status"), Step.Deny.DEFAULT_STATUS));
        case "Respond" -> respond(filter);
        case "BasicAuth" ->
            Step.BasicAuth.of(
                guards,
                new FilterArguments(
                        FilterArguments.withList(filter, "groups"), Step.BasicAuth.ARGUMENTS)
                    ::text);
        case "Compress" ->
            new Step.Compress(
                Compression.of(
                    new FilterArguments(
                            FilterArguments.withList(filter, "types"), Compression.ARGUMENTS)
                        ::text));
        case "RateLimit" ->
            Step.RateLimit.of(
                guards, route, new FilterArguments(filter, Step.RateLimit.ARGUMENTS)::text);
        case "PreferServer" ->
            new Step.Prefer(new ServerId(one(filter, "server").required("server")));
        case "AddRequestHeader" -> edit(Of.REQUEST, How.ADD, filter);
        case "SetRequestHeader" -> edit(Of.REQUEST, How.SET, filter);
        case "RemoveRequestHeader" -> remove(Of.REQUEST, filter);
        case "AddResponseHeader" -> addToResponse(filter);
        case "SetResponseHeader" -> edit(Of.RESPONSE, How.SET, filter);
        case "RemoveResponseHeader" -> remove(Of.RESPONSE, filter);
        case "StripPrefix" -> {
          Integer parts = one(filter, "parts").number("parts");
          yield new Step.StripPrefix(parts == null ? 1 : parts);
        }
        case "PrefixPath" -> prefix(one(filter, "prefix").required("prefix"));
        default -> throw new NotCompilableException("filter " + filter.name() + " is not compiled");
      };
    } catch (IllegalArgumentException e) {
      throw invalid(filter, e);
    }
  }

  private static NotCompilableException invalid(RoutePart filter, IllegalArgumentException e) {
    return (NotCompilableException)
        new NotCompilableException("an argument of filter " + filter.name() + " is invalid")
            .initCause(e);
  }

  private static FilterArguments one(RoutePart filter, String argument)
      throws NotCompilableException {
    return new FilterArguments(filter, List.of(argument));
  }

  private static Step redirect(FilterArguments arguments) throws NotCompilableException {
    return Step.Redirect.of(
        status(arguments, Step.Redirect.DEFAULT_STATUS), arguments.number("port"));
  }

  private static Step respond(RoutePart filter) throws NotCompilableException {
    FilterArguments arguments = FilterArguments.withText(filter, List.of("status", "text"));
    return new Step.Respond(
        status(arguments, Step.Respond.DEFAULT_STATUS),
        Objects.requireNonNullElse(arguments.text("text"), ""));
  }

  private static int status(FilterArguments arguments, int otherwise)
      throws NotCompilableException {
    return Objects.requireNonNullElse(arguments.number("status"), otherwise);
  }

  private static Step addToResponse(RoutePart filter) throws NotCompilableException {
    FilterArguments arguments = new FilterArguments(filter, List.of("name", "value", "override"));
    How how = arguments.flag("override", true) ? How.ADD : How.ADD_IF_MISSING;
    return edit(Of.RESPONSE, how, arguments);
  }

  private static Step edit(Of of, How how, RoutePart filter) throws NotCompilableException {
    return edit(of, how, new FilterArguments(filter, NAME_VALUE));
  }

  private static Step edit(Of of, How how, FilterArguments arguments)
      throws NotCompilableException {
    String value = arguments.required("value");
    boolean plain = value.equals(value.trim()) && value.chars().allMatch(c -> c >= ' ' && c <= '~');
    if (!plain) {
      throw new NotCompilableException(
          "a header's value has characters that not every server takes");
    }
    return new EditHeader(of, how, name(arguments), value);
  }

  private static Step remove(Of of, RoutePart filter) throws NotCompilableException {
    return new EditHeader(of, How.REMOVE, name(new FilterArguments(filter, NAME)), "");
  }

  private static String name(FilterArguments arguments) throws NotCompilableException {
    String name = arguments.required("name");
    requireOurs(name);
    if (!HttpToken.is(name)) {
      throw new NotCompilableException("the header name has invalid characters");
    }
    return name;
  }

  private static void requireOurs(String name) throws NotCompilableException {
    String lower = name.toLowerCase(Locale.ROOT);
    if (NOT_TO_TOUCH.contains(lower)
        || PREFIXES_NOT_TO_TOUCH.stream().anyMatch(lower::startsWith)) {
      throw new NotCompilableException(
          "filters that change the header " + name + " are not compiled");
    }
  }

  /** Compiles a plain prefix; the Gateway would encode any other. */
  private static Step prefix(String prefix) throws NotCompilableException {
    boolean plain =
        prefix.startsWith("/")
            && !prefix.contains("//")
            && prefix.equals(NormalTarget.of(prefix))
            && prefix
                .chars()
                .allMatch(c -> NamePattern.isInLabel((char) c) || "/.~".indexOf(c) >= 0);
    if (!plain) {
      throw new NotCompilableException("the prefix of filter PrefixPath has special characters");
    }
    return new Step.PrefixPath(prefix);
  }
}
