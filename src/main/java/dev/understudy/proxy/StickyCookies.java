package dev.understudy.proxy;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sticky cookies of one pool, made once for each configuration: {@code NAME=VALUE.ID}.
 *
 * <p>The value is the server's, by {@link StickyKey}. It is looked up as a whole in a hash table,
 * whose timing tells next to nothing of 128 bits that are compared only after their hash.
 *
 * <p>The id is random and each session's own; nothing rests on it but {@link
 * dev.understudy.monitor.SessionCount}, so it is not keyed.
 */
final class StickyCookies {
  private static final char SEPARATOR = '.';
  private static final int ID_LENGTH = 11;
  private static final int LENGTH = StickyKey.VALUE_LENGTH + 1 + ID_LENGTH;
  private static final String ATTRIBUTES = "; Path=/; HttpOnly; SameSite=Lax";

  private final Pool pool;
  private final String name;
  private final Map<String, ServerId> servers = new HashMap<>();
  private final Map<ServerId, String> values = new HashMap<>();

  /**
   * The session that a request belongs to.
   *
   * @param server the one that its cookie names
   * @param hash of its id
   */
  record Session(ServerId server, int hash) {}

  StickyCookies(Pool pool, StickySettings sticky, StickyKey key) {
    this.pool = pool;
    this.name = sticky.cookie();
    for (Server server : pool.servers()) {
      String value = key.value(pool.id(), server);
      servers.put(value, server.id());
      values.put(server.id(), value);
    }
  }

  /** Whether these were made for that configuration. */
  @SuppressWarnings("ReferenceEquality") // a cheap test; a mistake only costs making them anew
  boolean isFor(Pool other) {
    return pool == other;
  }

  /** The session that a request's cookie names, or null. */
  @Nullable Session session(HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.COOKIE)) {
      return null;
    }
    for (String cookies : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (int start = find(cookies, name, 0); start >= 0; start = find(cookies, name, start + 1)) {
        int from = start + name.length() + 1;
        int end = cookies.indexOf(';', from);
        Session session = session(cookies.substring(from, end < 0 ? cookies.length() : end).trim());
        if (session != null) {
          return session;
        }
      }
    }
    return null;
  }

  private @Nullable Session session(String cookie) {
    if (cookie.length() != LENGTH || cookie.charAt(StickyKey.VALUE_LENGTH) != SEPARATOR) {
      return null;
    }
    ServerId server = servers.get(cookie.substring(0, StickyKey.VALUE_LENGTH));
    if (server == null) {
      return null;
    }
    int hash = 0;
    for (int i = StickyKey.VALUE_LENGTH + 1; i < LENGTH; i++) {
      hash = 31 * hash + cookie.charAt(i);
    }
    return new Session(server, hash);
  }

  /**
   * The {@code Set-Cookie} value of a new session on that server; null: it is not one of the pool.
   *
   * @param id any number that other sessions do not have
   */
  @Nullable String setCookie(ServerId server, long id, boolean tls) {
    String value = values.get(server);
    if (value == null) {
      return null;
    }
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).putLong(id);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    return name + "=" + value + SEPARATOR + text + ATTRIBUTES + (tls ? "; Secure" : "");
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
}
