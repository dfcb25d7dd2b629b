package dev.understudy.proxy.forwardauth;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.http.HttpToken;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code ForwardAuth}.
 *
 * @param pool of the authenticator
 * @param target of the subrequest, in origin-form
 * @param responseHeaders names of the fields of a 2xx that are set in the request, in small letters
 * @param requestHeaders names of all fields of the request that the subrequest gets, in small
 *     letters
 * @param timeout from the subrequest's start to its response
 * @param opens whether requests pass if the authenticator fails
 * @param concurrent the most subrequests at a time
 * @param cache how long a 2xx counts for other requests; zero for the one request alone
 * @param cacheKey the parts of a request by which a kept 2xx is found; empty for all that the
 *     authenticator sees
 */
public record ForwardAuthSettings(
    PoolId pool,
    String target,
    List<String> responseHeaders,
    List<String> requestHeaders,
    Duration timeout,
    boolean opens,
    int concurrent,
    Duration cache,
    List<KeyPart> cacheKey) {
  /** The names of the headers by which answers are kept. */
  public List<String> cacheHeaders() {
    return cacheKey.stream()
        .filter(part -> part.kind() == KeyPart.Kind.HEADER)
        .map(KeyPart::name)
        .toList();
  }

  /**
   * A part of a request.
   *
   * @param name of the header, in small letters, or of the cookie; empty for others
   */
  record KeyPart(Kind kind, String name) {
    enum Kind {
      METHOD,
      HOST,
      TARGET,
      CLIENT_ADDRESS,
      HEADER,
      COOKIE
    }
  }

  /** By these an authenticator knows the user, and whether it is a browser that can log in. */
  private static final List<String> ALWAYS_SENT =
      List.of("cookie", "authorization", "accept", "user-agent", "x-requested-with");

  /** Fields of one message or connection, and those that the proxy sets. */
  private static final Set<String> NOT_TO_TAKE =
      Set.of(
          "host",
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authorization",
          "transfer-encoding",
          "content-length",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "http2-settings",
          "forwarded",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-forwarded-proto",
          "x-request-id");

  private static final List<String> PREFIXES_NOT_TO_TAKE =
      List.of("understudy-", "sec-websocket-", "x-http2-");

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration LONGEST_CACHE = Duration.ofHours(1);
  private static final int DEFAULT_CONCURRENT = 1_000;
  private static final int MOST_CONCURRENT = 100_000;
  private static final int MOST_NAMES = 50;
  private static final String SCHEME = RouteSpec.POOL_SCHEME + "://";
  private static final Pattern TIME = Pattern.compile("([0-9]{1,6})(ms|s|m)");
  private static final Pattern PATH = Pattern.compile("[!-~&&[^#\"<>\\\\^`{|}]]*");

  /**
   * Reads the arguments.
   *
   * @param arguments by name
   * @throws IllegalArgumentException if one is not valid; the message says what was expected
   */
  public static ForwardAuthSettings of(Function<String, @Nullable String> arguments) {
    String url = arguments.apply("url");
    String rest = url != null && url.startsWith(SCHEME) ? url.substring(SCHEME.length()) : "";
    int slash = rest.indexOf('/');
    String target = slash < 0 ? "/" : rest.substring(slash);
    if (rest.isEmpty() || !PATH.matcher(target).matches()) {
      throw new IllegalArgumentException(
          "url: expected pool://POOL/PATH, the path at the authenticator, whose servers are a pool"
              + " of this file, found "
              + (url == null ? "nothing" : "'" + url + "'"));
    }
    String cache = arguments.apply("cache");
    String key = arguments.apply("cache-key");
    if (cache == null && key != null) {
      throw new IllegalArgumentException("cache-key: expected only with a time in cache");
    }
    return new ForwardAuthSettings(
        pool(slash < 0 ? rest : rest.substring(0, slash)),
        target,
        names("response-headers", arguments),
        Stream.concat(ALWAYS_SENT.stream(), names("request-headers", arguments).stream())
            .distinct()
            .toList(),
        time("timeout", arguments.apply("timeout"), DEFAULT_TIMEOUT, LONGEST_TIMEOUT),
        opens(arguments.apply("on-failure")),
        concurrent(arguments.apply("concurrent")),
        time("cache", cache, Duration.ZERO, LONGEST_CACHE),
        key == null ? List.of() : list(key).map(ForwardAuthSettings::part).toList());
  }

  private static PoolId pool(String name) {
    try {
      return new PoolId(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("url: expected a pool's name, found '" + name + "'", e);
    }
  }

  private static Stream<String> list(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).filter(each -> !each.isEmpty());
  }

  private static List<String> names(String argument, Function<String, @Nullable String> arguments) {
    String text = arguments.apply(argument);
    List<String> names =
        text == null
            ? List.of()
            : list(text).map(each -> each.toLowerCase(Locale.ROOT)).distinct().toList();
    for (String name : names) {
      if (!HttpToken.is(name)
          || NOT_TO_TAKE.contains(name)
          || PREFIXES_NOT_TO_TAKE.stream().anyMatch(name::startsWith)) {
        throw new IllegalArgumentException(
            argument
                + ": expected names of header fields other than those of connections, framing and"
                + " the proxy's own, found '"
                + name
                + "'");
      }
    }
    if (names.size() > MOST_NAMES) {
      throw new IllegalArgumentException(
          argument + ": expected at most " + MOST_NAMES + " names, found " + names.size());
    }
    return names;
  }

  private static Duration time(
      String argument, @Nullable String text, Duration otherwise, Duration longest) {
    if (text == null) {
      return otherwise;
    }
    Matcher parts = TIME.matcher(text);
    if (parts.matches()) {
      long number = Long.parseLong(parts.group(1));
      Duration time =
          switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
          };
      if (number > 0 && time.compareTo(longest) <= 0) {
        return time;
      }
    }
    throw new IllegalArgumentException(
        argument
            + ": expected a time such as 5s, at most "
            + longest.toMinutes()
            + "m, found '"
            + text
            + "'");
  }

  private static boolean opens(@Nullable String text) {
    return switch (text == null ? "503" : text) {
      case "503" -> false;
      case "open" -> true;
      default ->
          throw new IllegalArgumentException(
              "on-failure: expected 503 or open, found '" + text + "'");
    };
  }

  private static int concurrent(@Nullable String text) {
    if (text == null) {
      return DEFAULT_CONCURRENT;
    }
    int number = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    if (number < 1 || number > MOST_CONCURRENT) {
      throw new IllegalArgumentException(
          "concurrent: expected 1 to " + MOST_CONCURRENT + ", found '" + text + "'");
    }
    return number;
  }

  private static KeyPart part(String text) {
    int colon = text.indexOf(':');
    String name = text.substring(colon + 1).strip();
    KeyPart part =
        switch (colon < 0 ? text : text.substring(0, colon)) {
          case "method" -> new KeyPart(KeyPart.Kind.METHOD, "");
          case "host" -> new KeyPart(KeyPart.Kind.HOST, "");
          case "target" -> new KeyPart(KeyPart.Kind.TARGET, "");
          case "client-address" -> new KeyPart(KeyPart.Kind.CLIENT_ADDRESS, "");
          case "header" -> new KeyPart(KeyPart.Kind.HEADER, name.toLowerCase(Locale.ROOT));
          case "cookie" -> new KeyPart(KeyPart.Kind.COOKIE, name);
          default -> null;
        };
    boolean named = part != null && part.kind().compareTo(KeyPart.Kind.HEADER) >= 0;
    if (part == null || named != (colon >= 0) || (named && !HttpToken.is(name))) {
      throw new IllegalArgumentException(
          "cache-key: expected method, host, target, client-address, header:NAME or cookie:NAME,"
              + " found '"
              + text
              + "'");
    }
    return part;
  }
}
