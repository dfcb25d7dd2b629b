package dev.understudy.condition;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The text that a term tests.
 *
 * @param name of the header, cookie, parameter, variable or attribute; empty where there is none
 */
public record TermSubject(Kind kind, String name) {

  /** What the text is taken from, each with the name of its term in the language of conditions. */
  public enum Kind {
    PATH("path"),
    TARGET("target"),
    HOST("host"),
    METHOD("method"),
    HEADER("header"),
    COOKIE("cookie"),
    QUERY("query"),
    QUERY_STRING("query-string"),
    TLS_SERVER_NAME("tls-server-name"),
    LISTENER("listener"),
    VARIABLE("variable"),
    CERTIFICATE_SUBJECT("client-certificate-subject"),
    CERTIFICATE_ATTRIBUTE("client-certificate-subject-attribute"),
    CERTIFICATE_ISSUER("client-certificate-issuer"),
    RESPONSE_HEADER("response-header");

    final String term;

    Kind(String term) {
      this.term = term;
    }

    /** Whether it is the path, alone or with the query. */
    boolean isOfPath() {
      return this == PATH || this == TARGET;
    }

    /** Whether it is the path, the query, or of these. */
    boolean isOfTarget() {
      return isOfPath() || this == QUERY || this == QUERY_STRING;
    }

    /** Whether the first argument names the header, cookie, parameter, variable or attribute. */
    boolean isNamed() {
      return switch (this) {
        case HEADER, COOKIE, QUERY, VARIABLE, CERTIFICATE_ATTRIBUTE, RESPONSE_HEADER -> true;
        default -> false;
      };
    }
  }

  /** Whether one of the subject's texts passes the test. */
  boolean any(Facts facts, TextMatch match) {
    return switch (kind) {
      case PATH -> anyPath(facts, "", match);
      case TARGET -> anyPath(facts, query(facts.target()), match);
      case HOST -> match.test(host(facts.authority()));
      case METHOD -> match.test(facts.method());
      case HEADER -> anyElement(facts.headers(name), match);
      case RESPONSE_HEADER -> anyElement(facts.responseHeaders(name), match);
      case COOKIE -> Cookies.any(facts.headers("cookie"), name, match::test);
      case QUERY_STRING -> match.test(queryString(facts.target()));
      case QUERY -> QueryParameters.any(facts.target(), name, match::test);
      case LISTENER -> match.test(facts.listener());
      case VARIABLE -> isText(facts.variable(name), match);
      case TLS_SERVER_NAME -> {
        TlsSession session = facts.session();
        yield session != null
            && !session.serverName().isEmpty()
            && match.test(session.serverName());
      }
      case CERTIFICATE_SUBJECT -> isText(facts, TlsSession.Certificate::subject, match);
      case CERTIFICATE_ATTRIBUTE ->
          isText(facts, of -> DistinguishedName.first(of.subject(), name), match);
      case CERTIFICATE_ISSUER -> isText(facts, TlsSession.Certificate::issuer, match);
    };
  }

  /**
   * Expressions that list the characters that they allow mean those of a URI: a blank counts as
   * {@code %20} too.
   */
  private static boolean anyPath(Facts facts, String query, TextMatch match) {
    String path = facts.path();
    if (match.test(path + query)) {
      return true;
    }
    String encoded = match instanceof TextMatch.Matches ? PathForms.encoded(path) : path;
    return !encoded.equals(path) && match.test(encoded + query);
  }

  static TlsSession.@Nullable Certificate certificate(Facts facts) {
    TlsSession session = facts.session();
    return session == null ? null : session.certificate();
  }

  private static boolean isText(
      Facts facts, Function<TlsSession.Certificate, @Nullable String> part, TextMatch match) {
    TlsSession.Certificate certificate = certificate(facts);
    return certificate != null && isText(part.apply(certificate), match);
  }

  private static boolean isText(@Nullable String text, TextMatch match) {
    return text != null && match.test(text);
  }

  /** The host without its port, in small letters. */
  static String host(String authority) {
    int colon = authority.indexOf(':', authority.startsWith("[") ? authority.indexOf(']') + 1 : 0);
    return (colon < 0 ? authority : authority.substring(0, colon)).toLowerCase(Locale.ROOT);
  }

  /** The query with its {@code ?}; empty if there is none. */
  static String query(String target) {
    int question = target.indexOf('?');
    return question < 0 ? "" : target.substring(question);
  }

  /** The query without its {@code ?}; empty if there is none. */
  static String queryString(String target) {
    String query = query(target);
    return query.isEmpty() ? "" : query.substring(1);
  }

  /**
   * Tests the elements of comma-separated lists, as HAProxy's {@code hdr} does; a match that has a
   * comma itself is tried on whole field lines too.
   */
  private static boolean anyElement(List<String> lines, TextMatch match) {
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (anyElement(line, match::test) || (match.hasComma() && match.test(line.strip()))) {
        return true;
      }
    }
    return false;
  }

  /** Commas within quoted strings do not separate (RFC 9110 §5.6.4). */
  static boolean anyElement(String line, Predicate<String> match) {
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i <= line.length(); i++) {
      char c = i == line.length() ? ',' : line.charAt(i);
      if (i < line.length() && quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == ',') {
        if (match.test(line.substring(start, i).strip())) {
          return true;
        }
        start = i + 1;
      }
    }
    return start < line.length() && match.test(line.substring(start).strip());
  }
}
