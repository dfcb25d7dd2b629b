package dev.understudy.pool;

import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which settings may be shown, for all that shows some: the list of routes, events about
 * changes, problems of a file, and diagnostics.
 *
 * <p>What is not listed here as open is hidden, because placeholders may have filled any text with
 * a secret. A filter's argument is open if it is a name, a number, an address or a time, or if it
 * says which requests a route takes.
 */
public final class Disclosure {
  /** Stands for a value that is not shown. */
  public static final String MASK = "***";

  /** A regular expression of words that a secret's name contains, in small letters. */
  public static final String SECRET_WORDS =
      "password|passwd|passphrase|passcode|secret|token|credential|authori[sz]ation"
          + "|private[-_.]?key|api[-_.]?key|access[-_.]?key|account[-_.]?key|encryption[-_.]?key";

  private static final Pattern SECRET_NAME =
      Pattern.compile("(" + SECRET_WORDS + ")|(^|[-_.\\[])(keys?|pass|pwd|pw|auth)$");

  /**
   * Names that end so name the place of a secret. The word for the place stands alone, or follows
   * the secret's at once, as in the environment variable {@code UNDERSTUDY_ADMIN_TOKENFILE}.
   */
  private static final Pattern PLACE =
      Pattern.compile(
          "(^|[-_.\\[]|("
              + SECRET_WORDS
              + ")s?)(files?|path|location|folder|directory|url|uri|name|type|alias)$");

  private static final Pattern INDEX = Pattern.compile("\\[\\d+]$");

  private static final Pattern ERROR_PAGE = Pattern.compile("[45]([0-9]{2}|xx)|html|json");

  /** Settings with free text, as the file names them. */
  private static final Set<String> OPEN_TEXTS =
      Set.of(
          "id",
          "name",
          "method",
          "methods",
          "host",
          "health-host",
          "cookie",
          "bundle",
          "server-name",
          "certificates",
          "client-ca",
          "crl",
          "address",
          "domain");

  /** Settings with one of a few words. */
  private static final Set<String> OPEN_WORDS =
      Set.of(
          "mode",
          "role",
          "type",
          "policy",
          "after-failback",
          "websockets",
          "streams",
          "balance",
          "same-site");

  private static final Pattern WORD = Pattern.compile("[A-Za-z-]{1,20}");

  /** Predicates all of whose arguments are shown. */
  private static final Set<String> OPEN_PREDICATES =
      Set.of(
          "After",
          "Before",
          "Between",
          "Host",
          "Listener",
          "Method",
          "Path",
          "RemoteAddr",
          "Weight",
          "XForwardedRemoteAddr");

  private static final String WHEN = " when ";

  /** The predicate whose argument is a condition. */
  private static final String CONDITION = "When";

  /**
   * The one argument that is shown of other predicates: the first of the short form, by its name.
   */
  private static final Map<String, String> OPEN_ARGUMENTS =
      Map.of("Cookie", "name", "Header", "header", "Query", "param");

  /** Header fields whose values are shown. */
  private static final Set<String> OPEN_HEADERS =
      Set.of("accept", "content-type", "host", "user-agent");

  private static final Pattern MAY_COMPARE_SECRETS =
      Pattern.compile("(header|cookie|query|target|variable)(-[a-z]+)*\\s*\\(");

  private static final Pattern PART_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,99}");

  /** A name or a status as the first argument; "=" or ":" would begin its value. */
  private static final Pattern ARGUMENT =
      Pattern.compile("\\s*[A-Za-z0-9!#$%&'*+.^_`|~\\[\\]-]{1,128}\\s*");

  private Disclosure() {}

  /** Whether the name of a setting or a header field says that its value is a secret. */
  public static boolean isSecretName(String name) {
    String words = Words.kebab(INDEX.matcher(name).replaceAll(""));
    return SECRET_NAME.matcher(words).find() && !PLACE.matcher(words).find();
  }

  /** Whether the value of a header field may be shown. */
  public static boolean isOpenHeader(String name) {
    return OPEN_HEADERS.contains(name.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether a text of the dynamic file may be shown.
   *
   * @param setting its name in the file, without those around it, such as {@code path}
   */
  public static boolean isOpen(String setting, String text) {
    return switch (setting) {
      case "path" -> text.indexOf('?') < 0;
      case "url" -> text.indexOf('?') < 0 && text.indexOf('@') < 0;
      case "uri" -> text.startsWith(RouteSpec.POOL);
      default ->
          OPEN_TEXTS.contains(setting)
              || (OPEN_WORDS.contains(setting) && WORD.matcher(text).matches())
              || ERROR_PAGE.matcher(setting).matches();
    };
  }

  /**
   * Whether an argument of a predicate or a filter may be shown.
   *
   * @param part the predicate's or filter's name
   * @param argument the argument's name, or a {@linkplain RoutePart#generatedKey generated} one
   * @param value not shown of a filter if it may be a URL with a query or a password
   */
  public static boolean isOpenArgument(String part, String argument, String value) {
    if (isOpenPart(part)) {
      return isOpenValue(part, value);
    }
    String open = openArgument(part);
    return open != null && (argument.equals(open) || argument.equals(RoutePart.generatedKey(0)));
  }

  private static boolean isOpenPart(String name) {
    return OPEN_PREDICATES.contains(name) || FilterKind.of(name).isShown();
  }

  /** A question mark in a path of a predicate stands for any character. */
  private static boolean isOpenValue(String openPart, String value) {
    return OPEN_PREDICATES.contains(openPart) || (value.indexOf('?') < 0 && value.indexOf('@') < 0);
  }

  private static @Nullable String openArgument(String part) {
    String ofPredicate = OPEN_ARGUMENTS.get(part);
    return ofPredicate == null ? FilterKind.of(part).shownArgument() : ofPredicate;
  }

  /**
   * A predicate or a filter as a file would have it: {@code Path=/a,/b}, or with names {@code
   * Path=pattern:/a}.
   */
  public static String text(RoutePart part) {
    String when = part.when();
    return when == null ? withoutCondition(part) : withoutCondition(part) + " when " + shown(when);
  }

  /** A condition, unless it compares what may be a secret: a header, a cookie, a parameter. */
  private static String shown(String condition) {
    return MAY_COMPARE_SECRETS.matcher(condition).find() ? MASK : condition;
  }

  private static String withoutCondition(RoutePart part) {
    if (part.args().isEmpty()) {
      return part.name();
    }
    List<String> values = new ArrayList<>();
    part.args()
        .forEach(
            (key, value) -> {
              String shown =
                  isOpenArgument(part.name(), key, value)
                      ? value
                      : part.name().equals(CONDITION) ? shown(value) : MASK;
              values.add(RoutePart.isGenerated(key) ? shown : key + ":" + shown);
            });
    return part.name() + "=" + String.join(",", values);
  }

  /** Whether a text can be the name of a predicate or a filter. */
  public static boolean isPartName(String text) {
    return PART_NAME.matcher(text).matches();
  }

  /** The short form of a predicate or a filter as the file has it, {@code Name=a,b}. */
  public static String shortForm(String written) {
    int when = written.indexOf(WHEN);
    if (when > 0) {
      return shortForm(written.substring(0, when)) + WHEN + MASK;
    }
    int equals = written.indexOf('=');
    String name = equals < 0 ? written : written.substring(0, equals);
    if (!isPartName(name)) {
      return MASK;
    }
    if (equals < 0 || (isOpenPart(name) && isOpenValue(name, written))) {
      return written;
    }
    int comma = written.indexOf(',');
    return openArgument(name) != null
            && comma > equals
            && ARGUMENT.matcher(written.substring(equals + 1, comma)).matches()
        ? written.substring(0, comma + 1) + MASK
        : name + "=" + MASK;
  }
}
