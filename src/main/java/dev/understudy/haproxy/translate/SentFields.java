package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import java.util.List;

/** The {@code X-Forwarded-*} fields and {@code Forwarded}, which servers always get. */
final class SentFields {
  private static final Expression TLS = new Expression.Term("tls");

  private SentFields() {}

  /**
   * Whether a rule sets a field to what servers get anyway.
   *
   * @param name in lower case
   * @param when the rule's condition
   * @param value a template of Understudy
   */
  static boolean isSent(String name, Expression when, String value, FrontTerms terms) {
    return switch (name) {
      case "x-forwarded-for" -> value.equals("{client.address}");
      case "x-forwarded-host" -> value.equals("{host}");
      case "x-forwarded-proto" ->
          value.equals("{scheme}")
              || (value.equals("https") && isTls(when, terms))
              || (value.equals("http") && isPlain(when, terms));
      case "x-forwarded-port" ->
          value.equals("{listener.port}") || isPort(value, isTls(when, terms), terms);
      default -> value.startsWith("for={client.address}");
    };
  }

  private static boolean isTls(Expression when, FrontTerms terms) {
    return terms.onlyTls() || Rules.parts(when).contains(TLS);
  }

  private static boolean isPlain(Expression when, FrontTerms terms) {
    return !terms.someTls() || Rules.parts(when).contains(Expression.not(TLS));
  }

  private static boolean isPort(String value, boolean tls, FrontTerms terms) {
    if (!value.matches("[0-9]{1,5}")) {
      return false;
    }
    List<String> named = terms.listenersOn(Integer.parseInt(value));
    return !named.isEmpty() && (tls || named.containsAll(terms.listeners()));
  }

  /** What servers get instead of another value. */
  static String instead(String name) {
    return switch (name) {
      case "x-forwarded-for" ->
          "servers get the address of the connection, and what proxies of"
              + " understudy.trusted-proxies send in X-Forwarded-For";
      case "x-forwarded-proto" ->
          "servers get the scheme of the connection, or what proxies of"
              + " understudy.trusted-proxies send: without those, plain ports behind a balancer"
              + " that ends TLS say http";
      case "x-forwarded-port" ->
          "servers get the listener's port, or what proxies of understudy.trusted-proxies send";
      case "x-forwarded-host" ->
          "servers get the client's Host, or what proxies of understudy.trusted-proxies send";
      default ->
          "servers get a description of the connection, after what proxies of"
              + " understudy.trusted-proxies send";
    };
  }
}
