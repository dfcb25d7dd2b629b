package dev.understudy.proxy.compress;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code Compress}, and the choice of the responses (RFC 9110 §8.4, §12.5.3).
 *
 * @param types media types without parameters in small letters; {@code text/*} stands for all that
 *     begin so, but {@code text/event-stream}
 * @param level 1 (fast) to 9 (small)
 * @param minSize the least {@code Content-Length} in bytes; a body of unknown length is large
 *     enough
 */
public record Compression(List<String> types, int level, int minSize) {
  private static final List<String> DEFAULT_TYPES =
      List.of(
          "text/*",
          "application/json",
          "application/problem+json",
          "application/ld+json",
          "application/manifest+json",
          "application/javascript",
          "application/xml",
          "application/xhtml+xml",
          "application/atom+xml",
          "application/rss+xml",
          "application/wasm",
          "image/svg+xml");

  /** HAProxy's {@code tune.comp.maxlevel}. */
  private static final int DEFAULT_LEVEL = 1;

  /** Less hardly shrinks, and fits into one packet anyhow. */
  private static final int DEFAULT_MIN_SIZE = 256;

  private static final int MOST_MIN_SIZE = 999_999_999;
  private static final String EVENTS = "text/event-stream";
  private static final String TYPE = "[a-z0-9!#$&^_.+-]{1,100}/([a-z0-9!#$&^_.+-]{1,100}|\\*)";

  /** Fields with a digest of the content as it is. */
  private static final List<String> DIGESTS =
      List.of("content-digest", "repr-digest", "digest", "content-md5");

  /**
   * Reads the arguments.
   *
   * @param arguments by name
   * @throws IllegalArgumentException if one is not valid; the message says what was expected
   */
  public static Compression of(Function<String, @Nullable String> arguments) {
    return new Compression(
        types(arguments.apply("types")),
        number("level", arguments.apply("level"), DEFAULT_LEVEL, 1, 9),
        number("min-size", arguments.apply("min-size"), DEFAULT_MIN_SIZE, 0, MOST_MIN_SIZE));
  }

  private static List<String> types(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return DEFAULT_TYPES;
    }
    List<String> types =
        Arrays.stream(text.toLowerCase(Locale.ROOT).split("[,\\s]+", -1))
            .filter(type -> !type.isEmpty())
            .toList();
    for (String type : types) {
      if (!type.matches(TYPE)) {
        throw new IllegalArgumentException(
            "types: expected media types such as text/html or text/*, found '" + type + "'");
      }
    }
    return types;
  }

  private static int number(
      String name, @Nullable String text, int otherwise, int least, int most) {
    if (text == null) {
      return otherwise;
    }
    int value = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + ": expected " + least + " to " + most + ", found '" + text + "'");
    }
    return value;
  }

  /** Whether the client takes gzip. */
  public static boolean accepts(List<String> acceptEncoding) {
    boolean any = false;
    for (String line : acceptEncoding) {
      for (String element : line.toLowerCase(Locale.ROOT).split(",", -1)) {
        int semicolon = element.indexOf(';');
        String coding = (semicolon < 0 ? element : element.substring(0, semicolon)).trim();
        boolean wanted = semicolon < 0 || isPositive(element.substring(semicolon + 1));
        if (coding.equals("gzip") || coding.equals("x-gzip")) {
          return wanted;
        }
        any |= coding.equals("*") && wanted;
      }
    }
    return any;
  }

  /** Whether a weight is above 0 (RFC 9110 §12.4.2). */
  private static boolean isPositive(String parameter) {
    String weight = parameter.replace(" ", "").replace("\t", "");
    return !weight.startsWith("q=")
        || weight.chars().skip(2).anyMatch(digit -> digit >= '1' && digit <= '9');
  }

  /**
   * Whether a response is of a kind that is compressed for clients that take it: its {@code Vary}
   * names {@code Accept-Encoding} whether or not this one does.
   */
  boolean concerns(HttpResponse head) {
    int status = head.status().code();
    return status != 204
        && status != 205
        && status != 206
        && status != 304
        && hasType(head.headers().get(HttpHeaderNames.CONTENT_TYPE))
        && isConcerned(head.headers());
  }

  /**
   * Whether a 304 may stand for such a response: it has the {@code Vary} and {@code ETag} of its
   * 200 (RFC 9110 §15.4.5), of which it need not repeat the type. In doubt it does: a strong tag
   * for compressed content could join parts that do not belong together.
   */
  boolean concernsNotModified(HttpResponse head) {
    String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE);
    return head.status().code() == 304
        && (type == null || hasType(type))
        && isConcerned(head.headers());
  }

  private boolean isConcerned(HttpHeaders fields) {
    return !fields.contains(HttpHeaderNames.CONTENT_ENCODING)
        && !fields.contains(HttpHeaderNames.CONTENT_RANGE)
        && DIGESTS.stream().noneMatch(fields::contains)
        && !fields.containsValue(HttpHeaderNames.CACHE_CONTROL, "no-transform", true)
        && isLongEnough(fields.get(HttpHeaderNames.CONTENT_LENGTH));
  }

  /** Whether the response to such a request may be compressed. */
  static boolean isPossible(HttpMethod method, HttpVersion version) {
    // HTTP/1.0 knows no chunks: without a length a truncated body would look whole.
    return !HttpMethod.HEAD.equals(method) && !HttpVersion.HTTP_1_0.equals(version);
  }

  private boolean hasType(@Nullable String value) {
    if (value == null) {
      return false;
    }
    int semicolon = value.indexOf(';');
    String type =
        (semicolon < 0 ? value : value.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
    for (String each : types) {
      if (each.endsWith("*")
          ? type.startsWith(each.substring(0, each.length() - 1)) && !type.equals(EVENTS)
          : type.equals(each)) {
        return true;
      }
    }
    return false;
  }

  private boolean isLongEnough(@Nullable String length) {
    if (length == null) {
      return true;
    }
    try {
      return Long.parseLong(length) >= Math.max(1, minSize);
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
