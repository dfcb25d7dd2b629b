package dev.understudy.haproxy.syntax;

import dev.understudy.haproxy.syntax.Statement.Word;
import dev.understudy.pool.Disclosure;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Masks the secrets of a line, which reports and comments show: passwords, credentials, and values
 * whose field, parameter or variable {@linkplain Disclosure#isSecretName names} a secret.
 */
public final class SourceSecrets {
  /** Words before a name, and how many values follow that. */
  private static final Map<String, Integer> SETTERS =
      Map.of(
          "set-header", 1,
          "add-header", 1,
          "hdr", 1,
          "setenv", 1,
          "presetenv", 1,
          "set-var", 1,
          "set-var-fmt", 1,
          "replace-header", 2,
          "replace-value", 2);

  /** Setters of whole fields; what replaces a part of a cookie, such as its attributes, stays. */
  private static final Set<String> FIELD_SETTERS = Set.of("set-header", "add-header", "hdr");

  private static final Set<String> COOKIES = Set.of("cookie", "set-cookie");

  private static final Set<String> PASSWORDS =
      Set.of(
          "password",
          "insecure-password",
          "tcp-md5sig",
          "cluster-secret",
          "dynamic-cookie-key",
          "anonkey");
  private static final Set<String> CLAUSES = Set.of("if", "unless", "{", "}", "or", "||");

  /** Converters with a key among their arguments. */
  private static final String KEYED =
      "hmac|jwt_verify|jwt_decrypt_\\w+|aes_(?:gcm|cbc)_(?:enc|dec)";

  /** Samples that are their argument. */
  private static final String CONSTANTS = "str|bin";

  private static final Pattern CONSTANT = Pattern.compile("\\b(" + CONSTANTS + ")\\(");

  /**
   * The arguments are read as samples are: a quoted or escaped parenthesis does not end them. What
   * follows their end at once, and is no converter, is the rest of a key that has a parenthesis.
   */
  private static final Pattern KEYS =
      Pattern.compile(
          "\\b("
              + KEYED
              + "|"
              + CONSTANTS
              + ")\\((?:\\\\.|\"[^\"]*\"|'[^']*'|[^)])*+\\)?[^\\s,'\\]]*");

  /** A value that is a secret whatever stands around it. */
  private static final Pattern CREDENTIALS =
      Pattern.compile(
          "(?i)(^|[\\s:^])(basic|bearer)(\\s|%20)+[^\\s(\\[%]|://[^/@\\s]*:[^/@\\s]+@"
              + "|^\\s*auth\\s+\\S|\\b("
              + KEYED
              + ")\\(");

  private static final Pattern FIELD =
      Pattern.compile("([A-Za-z0-9_-]+)[\"']?\\s*[:=]\\s*[\"']?(?=[^\\s%\"'])");

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("([a-z]+://)?[A-Za-z0-9.-]+:[0-9]{1,5}(?=/|$)");
  private static final Pattern ARGUMENT = Pattern.compile("\\(([^(),]+)[),]");

  /** Samples that are secrets themselves. */
  private static final Pattern SECRET = Pattern.compile("http_auth_(bearer|pass)\\b.*");

  private SourceSecrets() {}

  /** A text for reports or comments that quotes samples, without keys and constants. */
  public static String withoutKeys(String text) {
    return KEYS.matcher(text).replaceAll("$1(" + Disclosure.MASK + ")");
  }

  /**
   * The line without its secrets.
   *
   * @param line as written
   * @param words its words, of which a column tells where each begins
   */
  static String masked(String line, List<Word> words) {
    BitSet secret = secrets(words);
    if (secret.isEmpty()) {
      return line;
    }
    StringBuilder masked = new StringBuilder(line);
    for (int i = words.size() - 1; i >= 0; i--) {
      if (secret.get(i)) {
        int begin = words.get(i).column() - 1;
        int end = i + 1 < words.size() ? words.get(i + 1).column() - 1 : masked.length();
        String blanks = i + 1 < words.size() ? " " : "";
        masked.replace(begin, end, Disclosure.MASK + blanks);
      }
    }
    return masked.toString();
  }

  private static BitSet secrets(List<Word> words) {
    BitSet secret = new BitSet();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i).text();
      String before = i > 0 ? words.get(i - 1).text() : "";
      if (PASSWORDS.contains(before)
          || (before.equals("auth") && i > 1 && words.get(i - 2).text().equals("stats"))
          || CREDENTIALS.matcher(word).find()
          || hasSecretField(word)) {
        secret.set(i);
      }
      int values = SETTERS.getOrDefault(before, 0);
      if (values > 0 && isSecretName(before, word)) {
        mask(secret, i + 1, i + 1 + values, before.equals("set-var"), words);
      } else if ((word.startsWith("set-var") || isCompared(words, i)) && readsSecret(word)) {
        mask(secret, i + 1, words.size(), word.startsWith("set-var("), words);
      }
    }
    return secret;
  }

  private static boolean isSecretName(String setter, String name) {
    return Disclosure.isSecretName(name)
        || (FIELD_SETTERS.contains(setter) && COOKIES.contains(name.toLowerCase(Locale.ROOT)));
  }

  /** Masks values up to the next clause; flags of a comparison and values of requests stay. */
  private static void mask(BitSet secret, int from, int to, boolean areSamples, List<Word> words) {
    int end = to;
    for (int i = from; i < Math.min(end, words.size()); i++) {
      String word = words.get(i).text();
      if (CLAUSES.contains(word)) {
        return;
      }
      if (word.equals("-m") || word.equals("-f")) {
        i++;
      } else if (!isRead(word, areSamples) && !(word.length() == 2 && word.charAt(0) == '-')) {
        secret.set(i);
        // A doubled backslash before a blank divides a value.
        end += word.endsWith("\\") ? 1 : 0;
      }
    }
  }

  private static boolean isRead(String value, boolean isSample) {
    return (isSample || value.startsWith("%[")) && !CONSTANT.matcher(value).find();
  }

  private static boolean hasSecretField(String word) {
    Matcher host = HOST_AND_PORT.matcher(word);
    Matcher field = FIELD.matcher(word);
    field.region(host.lookingAt() ? host.end() : 0, word.length());
    while (field.find()) {
      if (Disclosure.isSecretName(field.group(1))) {
        return true;
      }
    }
    return false;
  }

  /** Whether patterns follow with which the word, a sample, is compared. */
  private static boolean isCompared(List<Word> words, int index) {
    return (index > 0 && words.get(index - 1).text().matches("!*\\{"))
        || (index == 2 && words.getFirst().text().equals("acl"));
  }

  /** Whether the sample is a secret, or a field or a parameter whose name suggests one. */
  public static boolean readsSecret(String word) {
    Matcher argument = ARGUMENT.matcher(word);
    return SECRET.matcher(word).matches()
        || (argument.find() && Disclosure.isSecretName(argument.group(1)));
  }
}
