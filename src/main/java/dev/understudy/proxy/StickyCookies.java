package dev.understudy.proxy;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sticky cookies of one pool, made once for each configuration.
 *
 * <p>A value is the start of a hash of the pool's and the server's name: opaque to people, and the
 * same on every replica without anything being shared.
 */
final class StickyCookies {
  private static final int VALUE_BYTES = 8;

  private final Pool pool;
  private final String name;
  private final Map<String, ServerId> servers = new HashMap<>();
  private final Map<ServerId, String> plain = new HashMap<>();
  private final Map<ServerId, String> secure = new HashMap<>();

  StickyCookies(Pool pool, StickySettings sticky) {
    this.pool = pool;
    this.name = sticky.cookie();
    for (Server server : pool.servers()) {
      String value = value(pool, server.id());
      String cookie = name + "=" + value + "; Path=/; HttpOnly; SameSite=Lax";
      servers.put(value, server.id());
      plain.put(server.id(), cookie);
      secure.put(server.id(), cookie + "; Secure");
    }
  }

  /** Whether these were made for that configuration. */
  @SuppressWarnings("ReferenceEquality") // a cheap test; a mistake only costs making them anew
  boolean isFor(Pool other) {
    return pool == other;
  }

  /** The server that a request's cookie names, or null. */
  @Nullable ServerId session(HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.COOKIE)) {
      return null;
    }
    for (String cookies : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (int start = find(cookies, name, 0); start >= 0; start = find(cookies, name, start + 1)) {
        int from = start + name.length() + 1;
        int end = cookies.indexOf(';', from);
        String value = cookies.substring(from, end < 0 ? cookies.length() : end).trim();
        ServerId server = servers.get(value);
        if (server != null) {
          return server;
        }
      }
    }
    return null;
  }

  /** The {@code Set-Cookie} value for that server. */
  @Nullable String setCookie(ServerId server, boolean tls) {
    return (tls ? secure : plain).get(server);
  }

  /** A {@code Cookie} value without the cookies of that name (RFC 6265 §4.2.1). */
  static String strip(String cookies, String name) {
    int start = find(cookies, name, 0);
    if (start < 0) {
      return cookies;
    }
    StringBuilder rest = new StringBuilder(cookies.length());
    int from = 0;
    while (start >= 0) {
      rest.append(cookies, from, start);
      int end = cookies.indexOf(';', start);
      from = end < 0 ? cookies.length() : end + 1;
      while (from < cookies.length() && cookies.charAt(from) == ' ') {
        from++;
      }
      start = find(cookies, name, from);
    }
    rest.append(cookies, from, cookies.length());
    int end = rest.length();
    while (end > 0 && (rest.charAt(end - 1) == ' ' || rest.charAt(end - 1) == ';')) {
      end--;
    }
    return rest.substring(0, end);
  }

  /** Where a cookie of that name begins, at or after {@code from}; -1: nowhere. */
  private static int find(String cookies, String name, int from) {
    for (int at = cookies.indexOf(name, from); at >= 0; at = cookies.indexOf(name, at + 1)) {
      int after = at + name.length();
      int before = at - 1;
      while (before >= 0 && cookies.charAt(before) == ' ') {
        before--;
      }
      if ((before < 0 || cookies.charAt(before) == ';')
          && after < cookies.length()
          && cookies.charAt(after) == '=') {
        return at;
      }
    }
    return -1;
  }

  private static String value(Pool pool, ServerId server) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((pool.id() + "/" + server).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, VALUE_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
