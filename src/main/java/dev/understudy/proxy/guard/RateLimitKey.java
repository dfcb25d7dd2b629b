package dev.understudy.proxy.guard;

import dev.understudy.network.IpAddress;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.CookieHeader;
import dev.understudy.proxy.http.HttpToken;
import dev.understudy.proxy.http.TrustedProxies;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What requests are counted by. A request without it is not counted and passes, as with HAProxy's
 * {@code track-sc0}, which tracks nothing then.
 *
 * @param kind the source of the key
 * @param name of the header or the cookie; empty for others
 */
public record RateLimitKey(Kind kind, String name) {
  /** The source of a key. */
  public enum Kind {
    /**
     * The client's address, or behind a trusted proxy the one that it reports; IPv6 by /64, of
     * which a client may use any address.
     */
    CLIENT_ADDRESS,
    /** The value of a header's last line, as with HAProxy's {@code req.fhdr}. */
    HEADER,
    /** The value of the first cookie of that name. */
    COOKIE,
    /** The {@code Host} in small letters, without port. */
    HOST
  }

  private static final String EXPECTED =
      "key: expected client-address, header:NAME, cookie:NAME or host, found ";

  /** The most characters of a text that is kept as it is; longer ones are kept as a digest. */
  private static final int LONGEST_TEXT = 64;

  /**
   * Reads the configured form.
   *
   * @param text null for the default, the client's address
   * @throws IllegalArgumentException if it is not valid; the message says what was expected
   */
  static RateLimitKey of(@Nullable String text) {
    String key = text == null ? "client-address" : text.trim();
    int colon = key.indexOf(':');
    String name = key.substring(colon + 1).trim();
    RateLimitKey read =
        switch (colon < 0 ? key : key.substring(0, colon)) {
          case "client-address" -> new RateLimitKey(Kind.CLIENT_ADDRESS, "");
          case "host" -> new RateLimitKey(Kind.HOST, "");
          case "header" -> new RateLimitKey(Kind.HEADER, name.toLowerCase(Locale.ROOT));
          case "cookie" -> new RateLimitKey(Kind.COOKIE, name);
          default -> null;
        };
    if (read == null || (colon >= 0) != read.isNamed() || (colon >= 0 && !HttpToken.is(name))) {
      throw new IllegalArgumentException(EXPECTED + "'" + key + "'");
    }
    return read;
  }

  private boolean isNamed() {
    return kind == Kind.HEADER || kind == Kind.COOKIE;
  }

  /**
   * Returns the key of a request, of bounded size; null if the request has none.
   *
   * @param headers all values of a header field by its name in small letters
   */
  @Nullable Object of(
      ClientConnection client, TrustedProxies trusted, Function<String, List<String>> headers) {
    return switch (kind) {
      case CLIENT_ADDRESS -> {
        IpAddress address = trusted.clientAddress(client, () -> headers.apply("x-forwarded-for"));
        yield address == null ? null : address.key();
      }
      case HEADER -> last(headers.apply(name));
      case COOKIE -> cookie(headers.apply("cookie"));
      case HOST -> host(headers.apply("host"));
    };
  }

  private static @Nullable String last(List<String> values) {
    return values.isEmpty() ? null : bounded(values.get(values.size() - 1));
  }

  private @Nullable String cookie(List<String> lines) {
    for (String line : lines) {
      int at = CookieHeader.find(line, name, 0);
      if (at >= 0) {
        int value = CookieHeader.value(line, at);
        return bounded(line.substring(value, CookieHeader.end(line, value)));
      }
    }
    return null;
  }

  private static @Nullable String host(List<String> values) {
    if (values.isEmpty()) {
      return null;
    }
    String host = values.get(0);
    int colon = host.indexOf(':', host.startsWith("[") ? host.indexOf(']') + 1 : 0);
    return bounded((colon < 0 ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT));
  }

  private static @Nullable String bounded(String text) {
    if (text.length() <= LONGEST_TEXT) {
      return text.isEmpty() ? null : text;
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has SHA-256.
    }
  }
}
