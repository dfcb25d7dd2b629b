package dev.understudy.proxy.session;

import dev.understudy.pool.Pool;
import dev.understudy.proxy.http.CookieHeader;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.session.SessionStore.Session;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Sessions shown by a cookie; of several of its name the first with a known session counts. */
abstract class CookieSessions extends SessionStore {
  final String name;

  CookieSessions(Pool pool, String name) {
    super(pool);
    this.name = name;
  }

  @Override
  public @Nullable Session session(ProxyRequest request) {
    return session(request.headers());
  }

  /** The session that the cookies of a request show; null if none that is known. */
  final @Nullable Session session(HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.COOKIE)) {
      return null;
    }
    for (String cookies : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (int start = CookieHeader.find(cookies, name, 0);
          start >= 0;
          start = CookieHeader.find(cookies, name, start + 1)) {
        int value = CookieHeader.value(cookies, start);
        Session session = session(cookies, value, CookieHeader.end(cookies, value));
        if (session != null) {
          return session;
        }
      }
    }
    return null;
  }

  /** The session of the cookie whose value is there; null if it is not known. */
  abstract @Nullable Session session(String cookies, int from, int to);

  /** A hash of a part of a cookie's value. */
  static int hash(String cookies, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + cookies.charAt(i);
    }
    return hash;
  }
}
