package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.condition.Template;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.http.HttpToken;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compiles filters with conditions or with values of the request, for both lanes. Wrong arguments
 * are {@link IllegalArgumentException}s whose messages say what was expected.
 */
public final class RuleCompiler {
  /** Filters that the Gateway does not know, with the names of their arguments. */
  private static final Map<String, List<String>> OWN =
      Map.of(
          "Redirect", List.of("status", "location"),
          "Reject", List.of(),
          "ReplaceRequestHeader", List.of("name", "regexp", "replacement"),
          "ReplaceResponseHeader", List.of("name", "regexp", "replacement"),
          "SetHost", List.of("host"),
          "SetMethod", List.of("method"),
          "SetQuery", List.of("query"),
          "SetVariable", List.of("name", "value"),
          "Tarpit", List.of("status", "time"),
          "UsePool", List.of("pool"));

  /** Filters that take values of the request, and others of the same name without them. */
  private static final Map<String, List<String>> WITH_VALUES =
      Map.of(
          "AddRequestHeader", List.of("name", "value"),
          "SetRequestHeader", List.of("name", "value"),
          "AddResponseHeader", List.of("name", "value", "override"),
          "SetResponseHeader", List.of("name", "value"),
          "SetPath", List.of("template"),
          "Respond", List.of("status", "text", "content-type"));

  /** Filters that keep requests from servers, or some of them. */
  private static final Set<String> GUARDS =
      Set.of(
          "BasicAuth",
          "Deny",
          "RateLimit",
          "Redirect",
          "RedirectTo",
          "RedirectToHost",
          "RedirectToHttps",
          "Reject",
          "RequestHeaderSize",
          "RequestSize",
          "RequireWebSocketUpgrade",
          "Respond",
          "Tarpit");

  /** Filters that may wait for the response. */
  private static final Set<String> OF_RESPONSES =
      Set.of(
          "AddResponseHeader",
          "RemoveResponseHeader",
          "ReplaceResponseHeader",
          "SetResponseHeader");

  private static final String HEADERS = "headers.";

  /** What the Gateway takes for a variable. */
  private static final Pattern BRACES = Pattern.compile("\\{([^/]+?)}");

  private static final Pattern TIME = Pattern.compile("([0-9]{1,6})(ms|s|m)");

  private RuleCompiler() {}

  /** The names of the filters that only this compiler knows. */
  public static Set<String> names() {
    return OWN.keySet();
  }

  /**
   * Whether a filter has a condition or values of the request, or is unknown to the Gateway.
   *
   * @param variables names in braces that are the route's own; see {@link RouteVariables}
   */
  public static boolean isRule(RoutePart filter, Set<String> variables) {
    return filter.when() != null
        || (isStep(filter, variables) && !isAlsoTheGateways(filter, variables));
  }

  /** Whether a filter of the Gateway makes a path of values of the request: groups or variables. */
  public static boolean isPathOfValues(RoutePart filter) {
    return switch (filter.name()) {
      case "RewritePath" -> true;
      case "SetPath", "PrefixPath" ->
          filter.args().values().stream().anyMatch(path -> path.indexOf('{') >= 0);
      default -> false;
    };
  }

  /** Whether the Gateway's own filter of that name would do the same. */
  private static boolean isAlsoTheGateways(RoutePart filter, Set<String> variables) {
    return filter.name().equals("RewritePath")
        || (filter.name().equals("SetPath")
            && filter.args().values().stream().noneMatch(path -> hasValues(path, variables)));
  }

  /** Without a condition, or with a status by its name, {@code SetStatus} is the Gateway's own. */
  private static boolean isConditionalStatus(RoutePart filter) {
    return filter.name().equals("SetStatus")
        && filter.when() != null
        && filter.args().size() == 1
        && filter.args().values().iterator().next().matches("[0-9]{3}");
  }

  /** Whether a filter, without its condition, becomes one of the steps made here. */
  static boolean isStep(RoutePart filter, Set<String> variables) {
    if (OWN.containsKey(filter.name())) {
      return true;
    }
    if (isConditionalStatus(filter)) {
      return true;
    }
    if (filter.name().equals("RewritePath")) {
      return rewrite(filter) != null;
    }
    if (!WITH_VALUES.containsKey(filter.name())) {
      return false;
    }
    if (filter.name().equals("SetPath")) {
      // Without braces the Gateway would do the same.
      return filter.args().size() == 1
          && filter.args().values().stream()
              .allMatch(
                  path ->
                      (path.startsWith("/") && path.indexOf('{') < 0 && isPlain(path))
                          || hasValues(path, variables));
    }
    return filter.args().entrySet().stream()
        .anyMatch(
            each ->
                each.getKey().equals("content-type")
                    || each.getKey().startsWith(HEADERS)
                    || hasValues(each.getValue(), variables)
                    || (filter.name().endsWith("Header")
                        && hasOtherBraces(each.getValue(), variables)));
  }

  /**
   * Whether a text has braces that are none of the route's variables, as JSON has: the Gateway
   * would fail each request for want of such a variable. Expressions of Spring's stay with it.
   */
  private static boolean hasOtherBraces(String text, Set<String> variables) {
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

  /**
   * Compiles a filter without its condition.
   *
   * @return null if the filter is another's to compile or to run
   */
  public static @Nullable Step step(RoutePart filter, Set<String> variables) {
    if (!isStep(filter, variables)) {
      return null;
    }
    if (filter.name().equals("RewritePath")) {
      return rewrite(filter);
    }
    if (isConditionalStatus(filter)) {
      return new Change.Status(Integer.parseInt(filter.args().values().iterator().next()));
    }
    Map<String, String> args = arguments(filter);
    return switch (filter.name()) {
      case "Redirect" ->
          new Ending.Redirect(
              number(args, "status", -1), template(required(args, "location"), variables));
      case "Reject" -> new Ending.Reject();
      case "Tarpit" -> new Ending.Tarpit(number(args, "status", 500), time(required(args, "time")));
      case "ReplaceRequestHeader" -> replace(Step.EditHeader.Of.REQUEST, args);
      case "ReplaceResponseHeader" -> replace(Step.EditHeader.Of.RESPONSE, args);
      case "SetHost" -> new Change.Host(template(required(args, "host"), variables));
      case "SetMethod" -> new Change.Method(method(required(args, "method"), variables));
      case "SetQuery" -> new Change.Query(template(args.getOrDefault("query", ""), variables));
      case "SetPath" -> new Change.Path(path(required(args, "template"), variables));
      case "SetVariable" ->
          new Change.Variable(
              token(required(args, "name"), "name"),
              template(args.getOrDefault("value", ""), variables));
      case "UsePool" -> new Change.Pool(pool(required(args, "pool")));
      case "Respond" -> respond(args, variables);
      default -> edit(filter.name(), args, variables);
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
      boolean waits = OF_RESPONSES.contains(filter.name()) || isConditionalStatus(filter);
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

  /**
   * Checks a filter with a condition or values of the request, whatever its route's variables.
   *
   * @throws IllegalArgumentException if an argument is not valid; the message says what was
   *     expected
   */
  public static void check(RoutePart filter) {
    var unusedCondition = condition(filter);
    var unusedStep = step(filter, Set.of());
    var unusedHeader = headerStep(filter, Set.of());
  }

  /** Whether a filter keeps requests from servers; see {@link Conditional#guard}. */
  public static boolean isGuard(String name) {
    return GUARDS.contains(name);
  }

  /** A step with the condition of its filter, if that has one. */
  public static Step withCondition(RoutePart filter, Step step) {
    Condition condition = condition(filter);
    return condition == null ? step : new Conditional(step, condition, isGuard(filter.name()));
  }

  private static Map<String, String> arguments(RoutePart filter) {
    List<String> own = OWN.get(filter.name());
    List<String> names = own == null ? WITH_VALUES.getOrDefault(filter.name(), List.of()) : own;
    boolean headers = filter.name().equals("Respond");
    Map<String, String> args = new LinkedHashMap<>();
    int index = 0;
    for (Map.Entry<String, String> argument : filter.args().entrySet()) {
      String key = argument.getKey();
      String name = RoutePart.isGenerated(key) && index < names.size() ? names.get(index) : key;
      index++;
      if (!names.contains(name) && !(headers && name.startsWith(HEADERS))) {
        throw new IllegalArgumentException(
            names.isEmpty()
                ? filter.name() + ": expected no argument"
                : "expected the arguments "
                    + String.join(", ", names)
                    + (RoutePart.isGenerated(name) ? ", found more" : ", found " + name));
      }
      args.put(name, argument.getValue());
    }
    return args;
  }

  private static String required(Map<String, String> args, String name) {
    String value = args.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(name + ": expected a value, found nothing");
    }
    return value;
  }

  private static int number(Map<String, String> args, String name, int otherwise) {
    String value = otherwise < 0 ? required(args, name) : args.get(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException(name + ": expected a status, found '" + value + "'");
    }
    return Integer.parseInt(value);
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

  private static Template template(String text, Set<String> variables) {
    try {
      return Template.parse(text, variables);
    } catch (ExpressionException e) {
      throw new IllegalArgumentException(e.why(), e);
    }
  }

  /** Whether a text has values of the request, or what looks like one. */
  private static boolean hasValues(String text, Set<String> variables) {
    try {
      return !Template.parse(text, variables).isConstant();
    } catch (ExpressionException e) {
      return true;
    }
  }

  private static Template method(String text, Set<String> variables) {
    Template template = template(text, variables);
    if (template.isConstant() && !Change.Method.isMethod(text)) {
      throw new IllegalArgumentException(
          "method: expected a method in capitals other than HEAD and CONNECT, found '"
              + text
              + "'");
    }
    return template;
  }

  private static Template path(String text, Set<String> variables) {
    Template template = template(text, variables);
    if (!text.startsWith("/") && !template.beginsWithValue()) {
      throw new IllegalArgumentException(
          "template: expected a path that begins with '/' or a value, found '" + text + "'");
    }
    return template;
  }

  /** Whether the Gateway would leave a path as it is. */
  private static boolean isPlain(String path) {
    return path.equals(NormalTarget.of(path)) && !path.contains("//") && path.indexOf('?') < 0;
  }

  /**
   * Compiles a {@code RewritePath} whose expression means the same to RE2 and to the Gateway, which
   * has Java's expressions.
   *
   * @return null if it is left to the Gateway
   */
  private static @Nullable Step rewrite(RoutePart filter) {
    List<String> args = List.copyOf(filter.args().values());
    boolean named =
        filter.args().keySet().stream()
            .allMatch(
                key ->
                    RoutePart.isGenerated(key)
                        || key.equals("regexp")
                        || key.equals("replacement"));
    boolean inOrder = !List.copyOf(filter.args().keySet()).equals(List.of("replacement", "regexp"));
    if (args.size() != 2 || !named || !inOrder || args.getFirst().contains("&&")) {
      return null;
    }
    // Written so, as "${" would begin a placeholder of Spring's.
    String replacement = args.get(1).replace("$\\", "$");
    try {
      LinearPattern pattern = LinearPattern.of(args.getFirst(), false);
      return replacement.endsWith("$")
          ? null
          : new Change.Rewrite(pattern, pattern.require(replacement));
    } catch (ExpressionException e) {
      return null;
    }
  }

  private static Step replace(Step.EditHeader.Of of, Map<String, String> args) {
    String regexp = required(args, "regexp");
    String replacement = args.getOrDefault("replacement", "");
    try {
      LinearPattern pattern = LinearPattern.of(regexp, false);
      return new Change.Replace(
          of,
          header(required(args, "name")),
          pattern,
          pattern.require(plain(replacement, "replacement")));
    } catch (ExpressionException e) {
      throw new IllegalArgumentException("regexp: " + e.why(), e);
    }
  }

  private static Step respond(Map<String, String> args, Set<String> variables) {
    Map<String, Template> headers = new LinkedHashMap<>();
    args.forEach(
        (key, value) -> {
          if (key.startsWith(HEADERS)) {
            headers.put(
                header(key.substring(HEADERS.length())), template(plain(value, key), variables));
          }
        });
    return new Ending.Respond(
        number(args, "status", Step.Respond.DEFAULT_STATUS),
        plain(args.getOrDefault("content-type", Ending.Respond.PLAIN), "content-type"),
        template(args.getOrDefault("text", ""), variables),
        headers);
  }

  private static Step edit(String filter, Map<String, String> args, Set<String> variables) {
    boolean request = filter.endsWith("RequestHeader");
    boolean add = filter.startsWith("Add");
    boolean missing = "false".equals(args.get("override"));
    Step.EditHeader.How how =
        !add
            ? Step.EditHeader.How.SET
            : missing ? Step.EditHeader.How.ADD_IF_MISSING : Step.EditHeader.How.ADD;
    Template value = template(plain(required(args, "value"), "value"), variables);
    if (request && value.isOfResponse()) {
      throw new IllegalArgumentException(
          "expected values of the request only, found one of the response");
    }
    return new Change.Edit(
        request ? Step.EditHeader.Of.REQUEST : Step.EditHeader.Of.RESPONSE,
        how,
        header(required(args, "name")),
        value);
  }

  private static String header(String name) {
    return token(name, "name");
  }

  private static String token(String name, String argument) {
    if (!HttpToken.is(name)) {
      throw new IllegalArgumentException(
          argument + ": expected a name of letters, digits and '-', found '" + name + "'");
    }
    return name;
  }

  /** RFC 9110 §5.5, without what not every server takes. */
  private static String plain(String value, String argument) {
    if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(argument + ": expected visible ASCII characters");
    }
    return value;
  }

  /**
   * Compiles a filter that changes a header, with its condition, whatever the header; for the
   * Gateway lane.
   *
   * @return null if the filter is another one, or has names in braces that are the route's own
   */
  public static @Nullable Step headerStep(RoutePart filter, Set<String> variables) {
    String name = filter.name();
    boolean remove = name.equals("RemoveRequestHeader") || name.equals("RemoveResponseHeader");
    boolean change = name.endsWith("Header") && WITH_VALUES.containsKey(name);
    boolean own =
        filter.args().values().stream()
            .anyMatch(value -> variables.stream().anyMatch(v -> value.contains("{" + v + "}")));
    if (own || !(remove || change)) {
      return null;
    }
    Step step =
        remove
            ? new Step.EditHeader(
                name.equals("RemoveRequestHeader")
                    ? Step.EditHeader.Of.REQUEST
                    : Step.EditHeader.Of.RESPONSE,
                Step.EditHeader.How.REMOVE,
                header(filter.args().values().stream().findFirst().orElse("")),
                "")
            : edit(name, arguments(filter), variables);
    return withCondition(filter, step);
  }

  /** The name of the header field that a step changes; null if it changes none. */
  static @Nullable String changedHeader(Step step) {
    String name =
        switch (step) {
          case Change.Edit edit -> edit.name();
          case Change.Replace replace -> replace.name();
          default -> null;
        };
    return name == null ? null : name.toLowerCase(Locale.ROOT);
  }
}
