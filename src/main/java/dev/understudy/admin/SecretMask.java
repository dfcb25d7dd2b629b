package dev.understudy.admin;

import dev.understudy.pool.Disclosure;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Masks secrets in static settings: by name, as in {@code understudy.admin.token}, whatever the
 * source; by form, as in {@code Bearer …}, a URL's user and query or a private key; and by value,
 * wherever a secret found by its name appears again.
 *
 * <p>It rather masks too much. {@link Disclosure} has the names; those that end with a word for a
 * place, as {@code token-file}, hold no secret.
 */
final class SecretMask {
  static final String MASK = Disclosure.MASK;

  /** Shorter values would be found in too many others. */
  private static final int MIN_VALUE = 6;

  /** Holds settings of any name in one text: what is in it is listed under its own names. */
  private static final String NESTED = "springapplicationjson";

  /** A map of header fields; in an environment variable too. */
  private static final Pattern HEADERS = Pattern.compile("(^|\\.)headers?([.\\[]|$)|_HEADERS(_|$)");

  /** The URL of a receiver of notifications, whose path may be a token; in a variable too. */
  private static final Pattern RECEIVER =
      Pattern.compile("understudy[._]notifications\\W?_?\\d+\\W?[._]url", Pattern.CASE_INSENSITIVE);

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(file:)?[^{}:]+}");

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final Pattern FLAG = Pattern.compile("true|false");

  private static final String SCHEME = "[a-z0-9+.-]://";

  /** The end of a name that begins with a word for a secret. */
  private static final String REST_OF_NAME = "[A-Za-z0-9_-]{0,100}+(?:\\[[0-9]{0,9}])?";

  /**
   * Each pattern takes time in proportion to the text: a URL's are tried at the begin of a word, a
   * token's at the begin of its characters, and what precedes the secret is found once, in an
   * atomic group.
   */
  private static final List<Pattern> FORMS =
      List.of(
          Pattern.compile("()-----BEGIN [A-Z ]*PRIVATE KEY-----.*", Pattern.DOTALL),
          // User information up to the last "@" of the authority, and with a password that has
          // slashes; then the query.
          Pattern.compile("(" + SCHEME + ")[^/?#\\s]+(?=@)", Pattern.CASE_INSENSITIVE),
          Pattern.compile(
              "(?<!\\S)((?>\\S*?"
                  + SCHEME
                  + "(?=[^/\\s@:\\[]+:(?![0-9]++([/?#,\\s]|$)))))\\S+(?=@)",
              Pattern.CASE_INSENSITIVE),
          Pattern.compile(
              "(?<!\\S)((?>\\S*?" + SCHEME + ")[^\\s?]*+\\?)\\S+", Pattern.CASE_INSENSITIVE),
          Pattern.compile(
              "\\b((?:bearer|basic|digest|negotiate)\\s+)[A-Za-z0-9+/=._~-]{4,}",
              Pattern.CASE_INSENSITIVE),
          Pattern.compile(
              "(?<![A-Za-z0-9_-])((?>[A-Za-z0-9_-]*?(?=eyJ[A-Za-z0-9_-]{10})))"
                  + "[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]*"),
          // Assignments in a text, such as Java's options, JSON or a filter's arguments: to its
          // end.
          Pattern.compile(
              "((?:"
                  + Disclosure.SECRET_WORDS
                  + "|cookie)"
                  + REST_OF_NAME
                  + "[\"']?\\s*+[=:,]\\s*).*",
              Pattern.CASE_INSENSITIVE | Pattern.DOTALL));

  private final Set<String> known = new HashSet<>();

  /** Whether a setting of that name and value holds a secret. */
  private static boolean isSecret(String name, String value) {
    if (FLAG.matcher(value).matches()) {
      return false;
    }
    return Disclosure.isSecretName(name)
        || uniform(name).equals(NESTED)
        || RECEIVER.matcher(name).find()
        || (HEADERS.matcher(name).find() && !NUMBER.matcher(value).matches());
  }

  /** The name without case and separators, as Spring Boot compares names. */
  static String uniform(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9\\[\\]]", "");
  }

  /** Remembers the value of a setting if its name says that it is secret. */
  void learn(String name, String value) {
    String stripped = value.strip();
    if (isSecret(name, stripped) && stripped.length() >= MIN_VALUE && !isReference(stripped)) {
      known.add(stripped);
    }
  }

  /**
   * Returns the value of a setting without secrets. All settings must have been learnt before. A
   * reference such as {@code ${DB_PASSWORD}} or {@code ${file:/run/token}} is kept.
   */
  String mask(String name, String value) {
    if (isSecret(name, value)) {
      return value.isBlank() || isReference(value) ? value : MASK;
    }
    return mask(value);
  }

  /** Whether a value names where the secret is. */
  static boolean isReference(String value) {
    return REFERENCE.matcher(value).matches();
  }

  /** Returns an argument of Java, {@code -Dname=value} or another, without secrets. */
  String maskArgument(String argument) {
    int equals = argument.indexOf('=');
    return argument.startsWith("-D") && equals > 0
        ? argument.substring(0, equals + 1)
            + mask(argument.substring(2, equals), argument.substring(equals + 1))
        : mask(argument);
  }

  /** Returns a text without secrets that are known, or recognised by their form. */
  String mask(String text) {
    String masked = text;
    for (Pattern form : FORMS) {
      Matcher matcher = form.matcher(masked);
      masked = matcher.replaceAll("$1" + Matcher.quoteReplacement(MASK));
    }
    List<String> longestFirst =
        known.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    for (String secret : longestFirst) {
      masked = masked.replace(secret, MASK);
    }
    return masked;
  }

  /** Never shows what it knows. */
  @Override
  public String toString() {
    return "SecretMask[" + known.size() + "]";
  }
}
