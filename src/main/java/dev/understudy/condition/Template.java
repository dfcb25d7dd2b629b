package dev.understudy.condition;

import dev.understudy.network.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A text with values of the request in braces, such as <code>https://{host}{path}</code>.
 * Immutable.
 */
public final class Template {
  /** In characters, of a text with its values; what is longer is cut. */
  public static final int LONGEST = 16 * 1024;

  /** The values without a name of their own. */
  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  enum Plain {
    CLIENT_ADDRESS("client.address", Template::address),
    CLIENT_PORT("client.port", facts -> Integer.toString(facts.clientPort())),
    HOST("host", Facts::authority),
    HOST_NAME("host-name", facts -> TextSource.host(facts.authority())),
    PATH("path", facts -> path(facts.target())),
    QUERY("query", facts -> TextSource.query(facts.target())),
    QUERY_STRING("query-string", facts -> TextSource.queryString(facts.target())),
    TARGET("target", facts -> facts.target().startsWith("/") ? facts.target() : "/"),
    METHOD("method", Facts::method),
    SCHEME("scheme", facts -> facts.isTls() ? "https" : "http"),
    REQUEST_ID("request-id", Facts::requestId),
    LISTENER("listener", Facts::listener),
    LISTENER_PORT("listener.port", facts -> Integer.toString(facts.listenerPort())),
    TLS_VERSION("tls.version", facts -> session(facts, TlsSession::version)),
    TLS_CIPHER("tls.cipher", facts -> session(facts, TlsSession::cipher)),
    TLS_SERVER_NAME("tls.server-name", facts -> session(facts, TlsSession::serverName)),
    TLS_SUBJECT("tls.subject", facts -> certificate(facts, TlsSession.Certificate::subject)),
    TLS_ISSUER("tls.issuer", facts -> certificate(facts, TlsSession.Certificate::issuer)),
    TLS_SERIAL("tls.serial", facts -> certificate(facts, TlsSession.Certificate::serial)),
    TLS_VERIFIED("tls.verified", facts -> Boolean.toString(TextSource.certificate(facts) != null)),
    TIME("time", facts -> Long.toString(System.currentTimeMillis() / 1000)),
    POOL("pool", Facts::pool),
    STATUS("status", facts -> Integer.toString(facts.status()));

    final String written;
    final Function<Facts, String> value;

    Plain(String written, Function<Facts, String> value) {
      this.written = written;
      this.value = value;
    }
  }

  /** The values that a name follows. */
  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  enum Named {
    HEADER("header.", (facts, name) -> first(facts.headers(name))),
    COOKIE("cookie.", Template::cookie),
    QUERY("query.", Template::parameter),
    VARIABLE("variable.", (facts, name) -> text(facts.variable(name))),
    RESPONSE_HEADER("response.header.", (facts, name) -> first(facts.responseHeaders(name))),
    TLS_SUBJECT("tls.subject.", Template::attribute);

    final String prefix;
    final BiFunction<Facts, String, String> value;

    Named(String prefix, BiFunction<Facts, String, String> value) {
      this.prefix = prefix;
      this.value = value;
    }
  }

  private sealed interface Part {}

  private record Text(String text) implements Part {}

  private record Value(Plain plain) implements Part {
    String of(Facts facts) {
      return plain.value.apply(facts);
    }
  }

  private record NamedValue(Named kind, String name) implements Part {
    String of(Facts facts) {
      return kind.value.apply(facts, name);
    }

    /** A variable is the operator's own text, in which clients' values were escaped or meant. */
    Escape within(Escape escape) {
      return kind == Named.VARIABLE ? escape : escape.ofNamed();
    }
  }

  /** The first words of names with a dot: such names in braces are always meant as values. */
  private static final Set<String> FAMILIES =
      Set.of("client", "header", "cookie", "query", "variable", "tls", "listener", "response");

  private static final Pattern BRACES =
      Pattern.compile("\\{([a-z][a-z-]*(?:\\.[A-Za-z0-9!#$%&'*+.^_`|~\\[\\]-]+)?)}");

  private static final Pattern RELATIVE = Pattern.compile("[^/\\\\{:]+(?:[/?#{]|$)");

  private static final Pattern ORIGIN =
      Pattern.compile(
          "(?:(?:[A-Za-z][A-Za-z0-9+.-]*|\\{scheme}):)?//"
              + "(?:[A-Za-z0-9.-]*\\{host(?:-name)?}(?::[0-9]+)?|[A-Za-z0-9.:\\[\\]-]+)"
              + "(?=[/?#]|$|\\{(?:target|path)})");

  private static final Set<String> OWN_TARGET =
      Set.of("{target}", "{path}", "{path}{query-string}");

  private final String written;
  private final List<Part> parts;

  private Template(String written, List<Part> parts) {
    this.written = written;
    this.parts = List.copyOf(parts);
  }

  /**
   * Parses a text. Braces with other names than those of values stay as they are.
   *
   * @param variables names that are the route's own, of its path or host; they are not values here
   * @throws ExpressionException if a name in braces looks like a value's but is none
   */
  public static Template parse(String text, Set<String> variables) throws ExpressionException {
    List<Part> parts = new ArrayList<>();
    Matcher braces = BRACES.matcher(text);
    int from = 0;
    while (braces.find()) {
      Part value = variables.contains(braces.group(1)) ? null : value(braces.group(1));
      if (value != null) {
        if (braces.start() > from) {
          parts.add(new Text(text.substring(from, braces.start())));
        }
        parts.add(value);
        from = braces.end();
      }
    }
    if (from < text.length()) {
      parts.add(new Text(text.substring(from)));
    }
    return new Template(text, parts);
  }

  private static @Nullable Part value(String name) throws ExpressionException {
    for (Plain each : Plain.values()) {
      if (each.written.equals(name)) {
        return new Value(each);
      }
    }
    for (Named each : Named.values()) {
      if (name.startsWith(each.prefix) && name.length() > each.prefix.length()) {
        String after = name.substring(each.prefix.length());
        return new NamedValue(
            each, each == Named.TLS_SUBJECT ? DistinguishedName.keyword(after) : after);
      }
    }
    int dot = name.indexOf('.');
    if (dot > 0 && FAMILIES.contains(name.substring(0, dot))) {
      throw new ExpressionException(
          "expected one of the values " + names() + ", found one named " + name);
    }
    return null;
  }

  private static String names() {
    return String.join(
        ", ",
        Stream.concat(
                Stream.of(Plain.values()).map(each -> "{" + each.written + "}"),
                Stream.of(Named.values()).map(each -> "{" + each.prefix + "NAME}"))
            .toList());
  }

  /** Whether the text has no values, so that it is the same for every request. */
  public boolean isConstant() {
    return parts.stream().allMatch(Text.class::isInstance);
  }

  /** The names of the request's header fields whose values the text has. */
  public Stream<String> headers() {
    return parts.stream()
        .filter(part -> part instanceof NamedValue named && named.kind() == Named.HEADER)
        .map(part -> ((NamedValue) part).name());
  }

  /** Whether a value is known only with the response. */
  public boolean isOfResponse() {
    return parts.stream().anyMatch(Template::isOfResponse);
  }

  private static boolean isOfResponse(Part part) {
    return (part instanceof Value value && value.plain() == Plain.STATUS)
        || (part instanceof NamedValue named && named.kind() == Named.RESPONSE_HEADER);
  }

  /**
   * Whether the text consists of values alone, none of which the request has: it is then no value
   * either, as a sample that fails is none in HAProxy.
   */
  public boolean isAbsent(Facts facts) {
    return !parts.isEmpty() && parts.stream().allMatch(part -> isAbsent(part, facts));
  }

  private static boolean isAbsent(Part part, Facts facts) {
    return switch (part) {
      case Text text -> false;
      case Value value -> value.of(facts).isEmpty();
      case NamedValue named ->
          named.of(facts).isEmpty()
              && (named.kind() != Named.QUERY
                  || !QueryParameters.any(facts.target(), named.name(), found -> true));
    };
  }

  /**
   * The text with its values, which is a path or a location, unless values lead it elsewhere than
   * it is written: what a client calls by a name has a slash, or a segment with a value becomes a
   * dot segment, as it is or decoded. The query of a location is not looked at.
   *
   * @return null if values lead it elsewhere
   */
  public @Nullable String renderPath(Facts facts, Escape escape) {
    StringBuilder to = new StringBuilder(written.length() + 32);
    boolean filled = false;
    boolean inQuery = false;
    int end = 0;
    for (int i = 0; i < parts.size() && to.length() < LONGEST; i++) {
      Part part = parts.get(i);
      if (!inQuery && hasClientSlash(part, facts)) {
        return null;
      }
      filled |= !inQuery && !(part instanceof Text);
      append(part, facts, escape, to);
      while (!inQuery && end < to.length()) {
        inQuery = !(part instanceof NamedValue) && "?#".indexOf(to.charAt(end)) >= 0;
        end += inQuery ? 0 : 1;
      }
    }
    return filled && PathForms.hasDotSegment(to.substring(0, end)) ? null : cut(to);
  }

  /** Whether what a client calls by a name has a slash in it, as it is or decoded. */
  public boolean hasClientSlash(Facts facts) {
    return parts.stream().anyMatch(part -> hasClientSlash(part, facts));
  }

  private static boolean hasClientSlash(Part part, Facts facts) {
    return part instanceof NamedValue named
        && (named.kind() == Named.VARIABLE
            ? facts.hasClientSlash(named.name())
            : PathForms.hasSlash(named.of(facts)));
  }

  /**
   * Whether the written text is an origin and the request's own target or path: that leads nowhere
   * but to where the client went, dot segments or not.
   */
  public boolean isOwnTargetElsewhere() {
    Matcher origin = ORIGIN.matcher(written);
    return origin.lookingAt() && OWN_TARGET.contains(written.substring(origin.end()));
  }

  /** Whether the text begins with a value. */
  public boolean beginsWithValue() {
    return !parts.isEmpty() && !(parts.getFirst() instanceof Text);
  }

  /** Whether the written text begins as a relative reference without an origin does. */
  public boolean isRelative() {
    return RELATIVE.matcher(written).lookingAt();
  }

  /**
   * Whether the written text begins with an origin, {@code https://www.example.com} or {@code
   * //www.example.com}, or with the request's own, <code>{scheme}://{host}</code>, of which the
   * scheme, the port and labels before it may be others.
   */
  public boolean namesOrigin() {
    return ORIGIN.matcher(written).lookingAt();
  }

  /**
   * The text with its values.
   *
   * @param escape applied to the values, not to the text between them
   */
  public String render(Facts facts, Escape escape) {
    StringBuilder to = new StringBuilder(written.length() + 32);
    for (int i = 0; i < parts.size() && to.length() < LONGEST; i++) {
      append(parts.get(i), facts, escape, to);
    }
    return cut(to);
  }

  private static void append(Part part, Facts facts, Escape escape, StringBuilder to) {
    switch (part) {
      case Text text -> to.append(text.text());
      case Value value -> escape.append(value.of(facts), to);
      case NamedValue named -> named.within(escape).append(named.of(facts), to);
    }
  }

  private static String cut(StringBuilder text) {
    return text.substring(0, Math.min(text.length(), LONGEST));
  }

  /**
   * The text that is left for the response: values of the request become what they are now. The
   * same object if there are none.
   */
  public Template resolve(Facts facts, Escape escape) {
    if (isConstant()) {
      return this;
    }
    List<Part> left = new ArrayList<>();
    for (Part part : parts) {
      if (isOfResponse(part)) {
        left.add(part);
      } else {
        StringBuilder text = new StringBuilder();
        append(part, facts, escape, text);
        left.add(new Text(text.toString()));
      }
    }
    return new Template(written, left);
  }

  private static String address(Facts facts) {
    IpAddress address = facts.clientAddress();
    return address == null ? "" : address.toString();
  }

  private static String session(Facts facts, Function<TlsSession, String> value) {
    TlsSession session = facts.session();
    return session == null ? "" : value.apply(session);
  }

  private static String certificate(Facts facts, Function<TlsSession.Certificate, String> value) {
    TlsSession.Certificate certificate = TextSource.certificate(facts);
    return certificate == null ? "" : value.apply(certificate);
  }

  private static String attribute(Facts facts, String name) {
    return certificate(facts, of -> text(DistinguishedName.first(of.subject(), name)));
  }

  private static String cookie(Facts facts, String name) {
    String[] found = {""};
    var unused = Cookies.any(facts.headers("cookie"), name, value -> keep(value, found));
    return found[0];
  }

  private static String parameter(Facts facts, String name) {
    String[] found = {""};
    var unused = QueryParameters.any(facts.target(), name, value -> keep(value, found));
    return found[0];
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static boolean keep(String value, String[] found) {
    found[0] = value;
    return true;
  }

  private static String first(List<String> values) {
    return values.isEmpty() ? "" : values.getFirst();
  }

  private static String path(String target) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    // "OPTIONS *" has no path.
    return path.startsWith("/") ? path : "/";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Template that && that.parts.equals(parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }

  /** Omits the text, which may hold a secret. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Template[%d parts]", parts.size());
  }
}
