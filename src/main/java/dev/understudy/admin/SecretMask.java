package dev.understudy.admin;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Masks secrets in settings: by name, as in {@code understudy.admin.token}; by form, as in {@code
 * Bearer …}, a URL's password or a private key; and by value, wherever a secret found by its name
 * appears again.
 *
 * <p>It rather masks too much. Names that end with a word for a place, as {@code token-file}, hold
 * no secret.
 */
final class SecretMask {
  static final String MASK = "******";

  /** Shorter values would be found in too many others. */
  private static final int MIN_VALUE = 6;

  private static final String WORDS =
      "password|passwd|passphrase|passcode|secret|token|credential|authorization"
          + "|private[-_.]?key|api[-_.]?key|access[-_.]?key|account[-_.]?key|encryption[-_.]?key";

  private static final Pattern NAME =
      Pattern.compile("(" + WORDS + ")|(^|[-_.\\[])(key|pwd|pw|auth)$");

  private static final Pattern PLACE =
      Pattern.compile("(file|files|path|location|folder|directory|url|uri|name|type|alias)$");

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(file:)?[^{}:]+}");

  private static final List<Pattern> FORMS =
      List.of(
          Pattern.compile("()-----BEGIN [A-Z ]*PRIVATE KEY-----.*", Pattern.DOTALL),
          Pattern.compile("([a-z][a-z0-9+.-]*://)[^/@\\s]+(?=@)", Pattern.CASE_INSENSITIVE),
          Pattern.compile(
              "\\b((?:bearer|basic|digest|negotiate)\\s+)[A-Za-z0-9+/=._~-]{4,}",
              Pattern.CASE_INSENSITIVE),
          Pattern.compile("()eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*"),
          // Assignments in a text, such as Java's options or a filter's arguments: to its end.
          Pattern.compile(
              "((?:" + WORDS + "|cookie)[A-Za-z0-9_-]*\\s*[=:,]\\s*).*",
              Pattern.CASE_INSENSITIVE | Pattern.DOTALL));

  private final Set<String> known = new HashSet<>();

  /** Whether a setting of that name holds a secret. */
  static boolean isSecret(String name) {
    String lower = name.toLowerCase(Locale.ROOT).replaceAll("\\[\\d+]$", "");
    return NAME.matcher(lower).find() && !PLACE.matcher(lower).find();
  }

  /** Remembers the value of a setting if its name says that it is secret. */
  void learn(String name, String value) {
    String stripped = value.strip();
    if (isSecret(name) && stripped.length() >= MIN_VALUE && !isReference(stripped)) {
      known.add(stripped);
    }
  }

  /**
   * Returns the value of a setting without secrets. All settings must have been learnt before. A
   * reference such as {@code ${DB_PASSWORD}} or {@code ${file:/run/token}} is kept.
   */
  String mask(String name, String value) {
    if (isSecret(name)) {
      return value.isBlank() || isReference(value) ? value : MASK;
    }
    return mask(value);
  }

  private static boolean isReference(String value) {
    return REFERENCE.matcher(value).matches();
  }

  /** Returns a text without secrets that are known, or can be told by their form. */
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
