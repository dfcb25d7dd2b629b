package dev.understudy.proxy.session;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.SameSite;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.session.SessionStore.Session;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The sticky cookies of one pool, {@code NAME=VALUE.ID}; created once for each configuration.
 *
 * <p>The value names the server, by {@link StickyKey}. It is looked up as a whole in a hash table:
 * the timing reveals next to nothing of 128 bits that are compared only if their hash is equal.
 *
 * <p>The id is random and differs for each session. Only {@link
 * dev.understudy.snapshot.SessionCount} depends on it, so it is not keyed.
 */
final class StickyCookies extends CookieSessions {
  private static final char SEPARATOR = '.';
  private static final int ID_LENGTH = 11;
  private static final int LENGTH = StickyKey.VALUE_LENGTH + 1 + ID_LENGTH;

  private final StickySettings sticky;
  private final TrustedProxies trusted;
  private final String attributes;
  private final Map<String, ServerId> servers = new HashMap<>();
  private final Map<ServerId, String> values = new HashMap<>();

  StickyCookies(Pool pool, StickySettings sticky, StickyKey key, TrustedProxies trusted) {
    super(pool, sticky.cookie());
    this.sticky = sticky;
    this.trusted = trusted;
    this.attributes = attributes(sticky);
    for (Server server : pool.servers()) {
      String value = key.value(pool.id(), server);
      servers.put(value, server.id());
      values.put(server.id(), value);
    }
  }

  private static String attributes(StickySettings sticky) {
    return "; Path=/"
        + (sticky.domain() == null ? "" : "; Domain=" + sticky.domain())
        + (sticky.httpOnly() ? "; HttpOnly" : "")
        + "; SameSite="
        + sticky.sameSite().attribute();
  }

  @Override
  @Nullable String responded(
      ProxyRequest request, ServerId server, boolean begins, HttpHeaders response) {
    return begins
        ? setCookie(
            server,
            ThreadLocalRandom.current().nextLong(),
            trusted.isTls(request.client(), request.headers()))
        : null;
  }

  @Override
  @Nullable Session session(String cookies, int from, int to) {
    int separator = from + StickyKey.VALUE_LENGTH;
    if (to - from != LENGTH || cookies.charAt(separator) != SEPARATOR) {
      return null;
    }
    ServerId server = servers.get(cookies.substring(from, separator));
    return server == null ? null : new Session(server, hash(cookies, separator + 1, to));
  }

  /**
   * The {@code Set-Cookie} value of a new session on the server; null if the pool does not have
   * that server.
   *
   * @param id any number that no other session has
   */
  @Nullable String setCookie(ServerId server, long id, boolean tls) {
    String value = values.get(server);
    if (value == null) {
      return null;
    }
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).putLong(id);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    return name + "=" + value + SEPARATOR + text + attributes + (isSecure(tls) ? "; Secure" : "");
  }

  private boolean isSecure(boolean tls) {
    Boolean secure = sticky.secure();
    return secure == null ? tls || sticky.sameSite() == SameSite.NONE : secure;
  }
}
