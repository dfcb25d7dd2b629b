package dev.understudy.condition;

import dev.understudy.network.IpAddress;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A value of a request or its response, for which its name in braces stands in a {@link Template}.
 *
 * @param name of the header, cookie, parameter, variable or attribute; empty where there is none
 */
record TemplateValue(Kind kind, String name) implements Template.Part {
  /** The kinds of values, by what is written: those that end with a dot have a name after it. */
  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  enum Kind {
    CLIENT_ADDRESS("client.address", TemplateValue::address),
    CLIENT_PORT("client.port", facts -> Integer.toString(facts.clientPort())),
    HOST("host", Facts::authority),
    HOST_NAME("host-name", facts -> TermSubject.host(facts.authority())),
    PATH("path", facts -> path(facts.target())),
    QUERY("query", facts -> TermSubject.query(facts.target())),
    QUERY_STRING("query-string", facts -> TermSubject.queryString(facts.target())),
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
    TLS_VERIFIED("tls.verified", facts -> Boolean.toString(TermSubject.certificate(facts) != null)),
    OPEN_BRACE("open-brace", facts -> "{"),
    TIME("time", facts -> Long.toString(System.currentTimeMillis() / 1000)),
    POOL("pool", Facts::pool),
    STATUS("status", facts -> Integer.toString(facts.status())),
    HEADER("header.", (facts, name) -> first(facts.headers(name))),
    COOKIE("cookie.", TemplateValue::cookie),
    PARAMETER("query.", TemplateValue::parameter),
    VARIABLE("variable.", (facts, name) -> text(facts.variable(name))),
    RESPONSE_HEADER("response.header.", (facts, name) -> first(facts.responseHeaders(name))),
    ATTRIBUTE("tls.subject.", TemplateValue::attribute);

    private final String written;
    private final BiFunction<Facts, String, String> value;

    Kind(String written, Function<Facts, String> value) {
      this(written, (facts, name) -> value.apply(facts));
    }

    Kind(String written, BiFunction<Facts, String, String> value) {
      this.written = written;
      this.value = value;
    }

    private boolean isNamed() {
      return written.endsWith(".");
    }

    private boolean isIn(String text) {
      return isNamed()
          ? text.startsWith(written) && text.length() > written.length()
          : text.equals(written);
    }

    private String inBraces() {
      return "{" + written + (isNamed() ? "NAME}" : "}");
    }
  }

  /** The first words of names with a dot: such names in braces are always meant as values. */
  private static final Set<String> FAMILIES =
      Set.of("client", "header", "cookie", "query", "variable", "tls", "listener", "response");

  /**
   * Parses what is written between braces.
   *
   * @return null if it is not meant as a value
   * @throws ExpressionException if it looks like a value's name but is none
   */
  static @Nullable TemplateValue parse(String text) throws ExpressionException {
    for (Kind each : Kind.values()) {
      if (each.isIn(text)) {
        String name = each.isNamed() ? text.substring(each.written.length()) : "";
        return new TemplateValue(
            each, each == Kind.ATTRIBUTE ? DistinguishedName.keyword(name) : name);
      }
    }
    int dot = text.indexOf('.');
    if (dot > 0 && FAMILIES.contains(text.substring(0, dot))) {
      String names = Stream.of(Kind.values()).map(Kind::inBraces).collect(Collectors.joining(", "));
      throw new ExpressionException(
          "expected one of the values " + names + ", found one named " + text);
    }
    return null;
  }

  private String of(Facts facts) {
    return kind.value.apply(facts, name);
  }

  /**
   * Appends the value. A variable is the operator's own text, in which clients' values were escaped
   * or meant.
   */
  void append(Facts facts, Escape escape, StringBuilder to) {
    Escape own = kind.isNamed() && kind != Kind.VARIABLE ? escape.ofNamed() : escape;
    own.append(of(facts), to);
  }

  /** Whether a name says which value it is, of those of its kind. */
  boolean isNamed() {
    return kind.isNamed();
  }

  /** Whether the value is known only with the response. */
  boolean isOfResponse() {
    return kind == Kind.STATUS || kind == Kind.RESPONSE_HEADER;
  }

  /** Whether the request has no such value. An empty parameter is one. */
  boolean isAbsent(Facts facts) {
    return of(facts).isEmpty()
        && (kind != Kind.PARAMETER || !QueryParameters.any(facts.target(), name, found -> true));
  }

  /** Whether what a client calls by a name has a slash in it, as it is or decoded. */
  boolean hasClientSlash(Facts facts) {
    return kind == Kind.VARIABLE
        ? facts.hasClientSlash(name)
        : kind.isNamed() && PathForms.hasSlash(of(facts));
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
    TlsSession.Certificate certificate = TermSubject.certificate(facts);
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
    var unused = QueryParameters.anyShort(facts.target(), name, value -> keep(value, found));
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
}
