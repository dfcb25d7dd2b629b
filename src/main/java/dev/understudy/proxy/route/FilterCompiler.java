package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.http.HttpToken;
import dev.understudy.proxy.http.UpgradeProtocols;
import dev.understudy.proxy.route.Step.EditHeader;
import dev.understudy.proxy.route.Step.EditHeader.How;
import dev.understudy.proxy.route.Step.EditHeader.Of;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a filter to its step, for both lanes: our own filters, and those of Spring Cloud Gateway
 * 5.0.3 that a step can stand for. Wrong arguments are {@link IllegalArgumentException}s whose
 * messages say what was expected; what is left to the Gateway is a {@link NotCompilableException}.
 */
public final class FilterCompiler {
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

  /** What the Gateway takes for a variable. */
  private static final Pattern BRACES = Pattern.compile("\\{([^/]+?)}");

  private static final Pattern TIME = Pattern.compile("([0-9]{1,6})(ms|s|m)");

  private final RoutePart filter;
  private final FilterKind kind;
  private final Set<String> variables;

  private FilterCompiler(RoutePart filter, Set<String> variables) {
    this.filter = filter;
    this.kind = FilterKind.of(filter);
    this.variables = variables;
  }

  /**
   * Compiles a filter with its condition.
   *
   * @param variables names in braces that are the route's own; see {@link RouteVariables}
   * @param route the id of the route, or {@link GuardRegistry#DEFAULTS}
   */
  static Step step(RoutePart filter, Set<String> variables, String route, GuardRegistry guards)
      throws NotCompilableException {
    Condition when = condition(filter);
    Step step = new FilterCompiler(filter, variables).stepOrExpression(route, guards);
    return when == null ? step : new ConditionalStep(step, when, isGuard(filter));
  }

  /**
   * Compiles a filter for the Gateway lane.
   *
   * @return null if the Gateway's own filter is to run, under the {@link #condition} if there is
   *     one
   */
  public static @Nullable Step gatewayStep(
      RoutePart filter, Set<String> variables, String route, GuardRegistry guards) {
    try {
      Step step = step(filter, variables, route, guards);
      Step bare = step instanceof ConditionalStep conditional ? conditional.step() : step;
      return step instanceof EditHeader || bare instanceof Step.Rewrite ? null : step;
    } catch (NotCompilableException e) {
      return null;
    }
  }

  /**
   * Compiles filters for the express lane.
   *
   * @throws NotCompilableException if one is left to the Gateway, is not valid, or changes a header
   *     on which framing, tunnels or our own rules rest
   */
  static List<Step> steps(
      List<RoutePart> filters, Set<String> variables, String route, GuardRegistry guards)
      throws NotCompilableException {
    List<Step> steps = new ArrayList<>(filters.size());
    for (RoutePart filter : filters) {
      try {
        Step step = step(filter, variables, route, guards);
        requireOurs(step);
        steps.add(step);
      } catch (IllegalArgumentException e) {
        throw (NotCompilableException)
            new NotCompilableException("an argument of filter " + filter.name() + " is invalid")
                .initCause(e);
      }
    }
    return steps;
  }

  private static void requireOurs(Step step) throws NotCompilableException {
    String name =
        switch (step) {
          case ConditionalStep conditional -> {
            requireOurs(conditional.step());
            yield "";
          }
          case EditHeader edit -> edit.name();
          case ChangeStep.Edit edit -> edit.name();
          case ChangeStep.Replace replace -> replace.name();
          default -> "";
        };
    String lower = name.toLowerCase(Locale.ROOT);
    if (NOT_TO_TOUCH.contains(lower)
        || PREFIXES_NOT_TO_TOUCH.stream().anyMatch(lower::startsWith)) {
      throw new NotCompilableException(
          "filters that change the header " + name + " are not compiled");
    }
  }

  /** Whether a filter keeps requests from servers; see {@link ConditionalStep#guard}. */
  public static boolean isGuard(RoutePart filter) {
    return FilterKind.of(filter).is(Trait.GUARD);
  }

  /** Whether a filter of the Gateway makes a path of values of the request: groups or variables. */
  public static boolean isPathOfValues(RoutePart filter) {
    return switch (FilterKind.of(filter)) {
      case REWRITE_PATH -> true;
      case SET_PATH, PREFIX_PATH ->
          filter.args().values().stream().anyMatch(path -> path.indexOf('{') >= 0);
      default -> false;
    };
  }

  /**
   * Whether a filter has a condition or values of the request, or is unknown to the Gateway.
   *
   * @param step the compiled filter; null if it is the Gateway's own
   */
  public static boolean isRule(RoutePart filter, @Nullable Step step) {
    return filter.when() != null
        || switch (step) {
          case ChangeStep.Rewrite rewrite -> false;
          case ChangeStep.Path to -> !to.value().isConstant();
          case Step.Rule rule -> true;
          case null, default -> false;
        };
  }

  /**
   * Parses the condition of a filter.
   *
   * @return null if the filter has none
   */
  public static @Nullable Condition condition(RoutePart filter) {
    String when = filter.when();
    if (when == null) {
      return null;
    }
    try {
      Condition condition = Condition.parse(when);
      boolean waits =
          FilterKind.of(filter).is(Trait.RESPONSE_CONDITION) || isConditionalStatus(filter);
      if (condition.isOfResponse() && !waits) {
        throw new IllegalArgumentException(
            "expected a condition without status and response-header, which only filters that"
                + " change the response's status or header can wait for");
      }
      return condition;
    } catch (ExpressionException e) {
      throw new IllegalArgumentException(e.why(), e);
    }
  }

  /** Without a condition, or with a status by its name, {@code SetStatus} is the Gateway's own. */
  private static boolean isConditionalStatus(RoutePart filter) {
    return FilterKind.of(filter) == FilterKind.SET_STATUS
        && filter.when() != null
        && filter.args().size() == 1
        && filter.args().values().iterator().next().matches("[0-9]{3}");
  }

  /** Leaves to Spring what it would evaluate, unless the step takes it as a text. */
  private Step stepOrExpression(String route, GuardRegistry guards) throws NotCompilableException {
    boolean expression =
        filter.args().values().stream()
            .anyMatch(value -> value.trim().startsWith("#{") && value.endsWith("}"));
    try {
      Step step = step(route, guards);
      if (!expression || step instanceof Step.Rule) {
        return step;
      }
    } catch (IllegalArgumentException e) {
      if (!expression) {
        throw e;
      }
    }
    throw new NotCompilableException("filter " + filter.name() + " has a placeholder");
  }

  private Step step(String route, GuardRegistry guards) throws NotCompilableException {
    return switch (kind) {
      case PREFER_SERVER -> new Step.Prefer(new ServerId(arguments().required("server")));
      case REDIRECT_TO_HTTPS -> {
        FilterArguments args = arguments();
        yield Step.Redirect.of(
            args.number("status", Step.Redirect.DEFAULT_STATUS), args.number("port"));
      }
      case REDIRECT_TO_HOST -> {
        FilterArguments args = arguments();
        yield Step.RedirectToHost.of(args.number("status"), args.text("url"));
      }
      case STRICT_TRANSPORT_SECURITY -> Step.TransportSecurity.of(arguments().text("value"));
      case REQUIRE_WEB_SOCKET_UPGRADE -> Step.WebSocketGuard.of(arguments().text("path"));
      case DENY -> new Step.Deny(arguments().number("status", Step.Deny.DEFAULT_STATUS));
      case RESPOND -> respond(arguments());
      case BASIC_AUTH -> Step.BasicAuth.of(guards, arguments()::text);
      case FORWARD_AUTH -> Step.ForwardAuth.of(guards, route, arguments()::text);
      case ALLOW_UPGRADE ->
          new Step.AllowUpgrade(UpgradeProtocols.of(arguments().text("protocols")));
      case COMPRESS -> new Step.Compress(Compression.of(arguments()::text));
      case RATE_LIMIT -> Step.RateLimit.of(guards, route, arguments()::text);
      case REDIRECT -> {
        FilterArguments args = arguments();
        yield new TerminalStep.Redirect(
            args.requiredNumber("status"), template(args.required("location")));
      }
      case REJECT -> {
        var unused = arguments();
        yield new TerminalStep.Reject();
      }
      case TARPIT -> {
        FilterArguments args = arguments();
        yield new TerminalStep.Tarpit(args.number("status", 500), time(args.required("time")));
      }
      case USE_POOL -> new ChangeStep.Pool(pool(arguments().required("pool")));
      case SET_VARIABLE -> {
        FilterArguments args = arguments();
        yield new ChangeStep.Variable(
            token(args.required("name")), template(args.text("value", "")));
      }
      case SET_PATH -> setPath();
      case SET_QUERY -> new ChangeStep.Query(template(arguments().text("query", "")));
      case SET_HOST -> new ChangeStep.Host(template(arguments().required("host")));
      case SET_METHOD -> new ChangeStep.Method(method(arguments().required("method")));
      case SET_STATUS -> {
        if (!isConditionalStatus(filter)) {
          throw notCompiled();
        }
        yield new ChangeStep.Status(arguments().requiredNumber("status"));
      }
      case REPLACE_REQUEST_HEADER -> replace(Of.REQUEST, arguments());
      case REPLACE_RESPONSE_HEADER -> replace(Of.RESPONSE, arguments());
      case ADD_REQUEST_HEADER -> edit(Of.REQUEST, How.ADD);
      case SET_REQUEST_HEADER -> edit(Of.REQUEST, How.SET);
      case REMOVE_REQUEST_HEADER -> edit(Of.REQUEST, How.REMOVE);
      case ADD_RESPONSE_HEADER -> edit(Of.RESPONSE, How.ADD);
      case SET_RESPONSE_HEADER -> edit(Of.RESPONSE, How.SET);
      case REMOVE_RESPONSE_HEADER -> edit(Of.RESPONSE, How.REMOVE);
      case STRIP_PREFIX -> new Step.StripPrefix(left().number("parts", 1));
      case PREFIX_PATH -> prefix(left().required("prefix"));
      case REWRITE_PATH -> rewrite();
      default -> throw notCompiled();
    };
  }

  private NotCompilableException notCompiled() {
    return new NotCompilableException("filter " + filter.name() + " is not compiled");
  }

  /** The arguments, which are judged here. */
  private FilterArguments arguments() throws NotCompilableException {
    return new FilterArguments(filter, kind, true);
  }

  /** The arguments of a filter of the Gateway, which judges them if they are not plain. */
  private FilterArguments left() throws NotCompilableException {
    if (filter.args().values().stream().anyMatch(value -> value.indexOf('{') >= 0)) {
      throw new NotCompilableException("filter " + filter.name() + " has a placeholder");
    }
    return new FilterArguments(filter, kind, false);
  }

  private static Duration time(String value) {
    Matcher matcher = TIME.matcher(value);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "time: expected a time such as 10s, found '" + value + "'");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
  }

  private static PoolId pool(String name) {
    try {
      return new PoolId(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("pool: expected a pool's name, found '" + name + "'", e);
    }
  }

  private Template template(String text) {
    try {
      return Template.parse(text, variables);
    } catch (ExpressionException e) {
      throw new IllegalArgumentException(e.why(), e);
    }
  }

  /** Whether a text has values of the request, or what looks like one. */
  private boolean hasValues(String text) {
    try {
      return !Template.parse(text, variables).isConstant();
    } catch (ExpressionException e) {
      return true;
    }
  }

  /**
   * Whether a text has braces that are none of the route's variables, as JSON has: the Gateway
   * would fail each request for want of such a variable. Expressions of Spring's stay with it.
   */
  private boolean hasOtherBraces(String text) {
    if (text.startsWith("#{")) {
      return false;
    }
    Matcher braces = BRACES.matcher(text);
    boolean some = false;
    while (braces.find()) {
      String name = braces.group(1);
      int colon = name.indexOf(':');
      if (variables.contains(colon < 0 ? name : name.substring(0, colon))) {
        return false;
      }
      some = true;
    }
    return some;
  }

  private Template method(String text) {
    Template template = template(text);
    if (template.isConstant() && !ChangeStep.Method.isMethod(text)) {
      throw new IllegalArgumentException(
          "method: expected a method in capitals other than HEAD and CONNECT, found '"
              + text
              + "'");
    }
    return template;
  }

  private Step setPath() throws NotCompilableException {
    boolean compiled =
        filter.args().size() == 1
            && filter.args().values().stream()
                .allMatch(
                    path ->
                        (path.startsWith("/") && path.indexOf('{') < 0 && isPlain(path))
                            || hasValues(path));
    if (!compiled) {
      throw notCompiled();
    }
    String path = arguments().required("template");
    Template template = template(path);
    if (!path.startsWith("/") && !template.beginsWithValue()) {
      throw new IllegalArgumentException(
          "template: expected a path that begins with '/' or a value, found '" + path + "'");
    }
    return new ChangeStep.Path(template);
  }

  /** Whether the Gateway would leave a path as it is. */
  private static boolean isPlain(String path) {
    return path.equals(NormalTarget.of(path)) && !path.contains("//") && path.indexOf('?') < 0;
  }

  /**
   * Compiles a {@code RewritePath} whose expression means the same to RE2 and to the Gateway, which
   * has Java's expressions.
   */
  private Step rewrite() throws NotCompilableException {
    FilterArguments args = new FilterArguments(filter, kind, false);
    String regexp = args.required("regexp");
    String replacement = args.text("replacement");
    boolean compiled =
        replacement != null
            && !regexp.contains("&&")
            && filter.args().keySet().stream()
                .allMatch(key -> RoutePart.isGenerated(key) || kind.arguments().contains(key));
    // Written so, as "${" would begin a placeholder of Spring's.
    String plain = compiled ? String.valueOf(replacement).replace("$\\", "$") : "$";
    try {
      LinearPattern pattern = LinearPattern.of(regexp, false);
      if (!plain.endsWith("$")) {
        return new ChangeStep.Rewrite(pattern, pattern.require(plain));
      }
    } catch (ExpressionException e) {
      // Java's expressions may have more.
    }
    throw notCompiled();
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

  private Step respond(FilterArguments args) throws NotCompilableException {
    int status = args.number("status", Step.Respond.DEFAULT_STATUS);
    String text = args.text("text", "");
    if (args.headers.isEmpty() && !args.has("content-type") && !hasValues(text)) {
      return new Step.Respond(status, text);
    }
    Map<String, Template> headers = new LinkedHashMap<>();
    args.headers.forEach(
        (name, value) -> headers.put(token(name), template(visible(value, "headers." + name))));
    return new TerminalStep.Respond(
        status,
        visible(args.text("content-type", TerminalStep.Respond.PLAIN), "content-type"),
        template(text),
        headers);
  }

  private Step replace(Of of, FilterArguments args) throws NotCompilableException {
    String regexp = args.required("regexp");
    try {
      LinearPattern pattern = LinearPattern.of(regexp, false);
      return new ChangeStep.Replace(
          of,
          token(args.required("name")),
          pattern,
          pattern.require(visible(args.text("replacement", ""), "replacement")));
    } catch (ExpressionException e) {
      throw new IllegalArgumentException("regexp: " + e.why(), e);
    }
  }

  /**
   * Compiles an edit of a header field. Without condition and values, and with the route's own
   * variables, the Gateway judges it, which takes any text.
   */
  private Step edit(Of of, How how) throws NotCompilableException {
    boolean values = how != How.REMOVE && filter.args().values().stream().anyMatch(this::hasValues);
    boolean others =
        how != How.REMOVE && filter.args().values().stream().anyMatch(this::hasOtherBraces);
    if (filter.when() != null && !values && namesVariable()) {
      throw new NotCompilableException("filter " + filter.name() + " has a placeholder");
    }
    boolean judged = filter.when() != null || values || others;
    FilterArguments args = judged ? arguments() : left();
    String name = args.required("name");
    How exact = how == How.ADD && !args.flag("override", true) ? How.ADD_IF_MISSING : how;
    String value = how == How.REMOVE ? "" : args.required("value");
    if (!judged && !(value.equals(value.trim()) && isVisible(value))) {
      throw new NotCompilableException(
          "a header's value has characters that not every server takes");
    }
    if (!judged && !HttpToken.is(name)) {
      throw new NotCompilableException("the header name has invalid characters");
    }
    if (!judged || how == How.REMOVE) {
      return new EditHeader(of, exact, token(name), value);
    }
    Template template = template(visible(value, "value"));
    if (of == Of.REQUEST && template.isOfResponse()) {
      throw new IllegalArgumentException(
          "expected values of the request only, found one of the response");
    }
    return new ChangeStep.Edit(of, exact, token(name), template);
  }

  private boolean namesVariable() {
    return filter.args().values().stream()
        .anyMatch(value -> variables.stream().anyMatch(v -> value.contains("{" + v + "}")));
  }

  private static String token(String name) {
    if (!HttpToken.is(name)) {
      throw new IllegalArgumentException(
          "name: expected a name of letters, digits and '-', found '" + name + "'");
    }
    return name;
  }

  /** RFC 9110 §5.5, without what not every server takes. */
  private static String visible(String value, String argument) {
    if (!isVisible(value)) {
      throw new IllegalArgumentException(argument + ": expected visible ASCII characters");
    }
    return value;
  }

  private static boolean isVisible(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c <= '~');
  }
}
