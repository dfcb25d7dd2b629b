package dev.understudy.proxy.session;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.proxy.http.CookieHeader;
import dev.understudy.proxy.http.CookiePrefix;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.session.SessionStore.Session;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sessions shown by the application's own cookie with a prefix, {@code NAME=PREFIX~VALUE}. The
 * prefix names the server, by {@link StickyKey}; {@link CookiePrefix} takes it from requests before
 * they go upstream. No table is needed, and all replicas read it alike, also after a restart.
 */
final class PrefixedCookies extends CookieSessions {
  private final Map<String, ServerId> servers = new HashMap<>();
  private final Map<ServerId, String> prefixes = new HashMap<>();

  PrefixedCookies(Pool pool, StickySettings sticky, StickyKey key) {
    super(pool, sticky.cookie());
    for (Server server : pool.servers()) {
      String value = key.value(pool.id(), server);
      servers.put(value, server.id());
      prefixes.put(server.id(), value + CookiePrefix.SEPARATOR);
    }
  }

  @Override
  @Nullable Session session(String cookies, int from, int to) {
    ServerId server =
        CookiePrefix.isAt(cookies, from, to)
            ? servers.get(cookies.substring(from, from + StickyKey.VALUE_LENGTH))
            : null;
    return server == null
        ? null
        : new Session(server, hash(cookies, from + CookiePrefix.LENGTH, to));
  }

  @Override
  @Nullable String responded(
      ProxyRequest request, ServerId server, boolean begins, HttpHeaders response) {
    String prefix = prefixes.get(server);
    List<String> cookies = prefix == null ? List.of() : response.getAll(HttpHeaderNames.SET_COOKIE);
    List<String> changed = null;
    for (int i = 0; i < cookies.size(); i++) {
      String cookie = cookies.get(i);
      if (CookieHeader.isOf(cookie, name)) {
        if (changed == null) {
          changed = new ArrayList<>(cookies);
        }
        int value = CookieHeader.value(cookie, 0);
        changed.set(i, cookie.substring(0, value) + prefix + cookie.substring(value));
      }
    }
    if (changed != null) {
      response.set(HttpHeaderNames.SET_COOKIE, changed);
    }
    return null;
  }
}
