package dev.understudy.proxy.session;

import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.proxy.http.CookieHeader;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.session.SessionStore.Session;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Sessions shown by the application's own cookie, such as {@code JSESSIONID}, which is passed on as
 * it is. A session is kept on the server that set the cookie or, where nobody saw that, on the
 * server that a request with the cookie went to.
 *
 * <p>Requests show it in {@code Cookie} or, as servlet containers write it for clients without
 * cookies, in a path parameter of the same name in any letter case, {@code ;jsessionid=…}.
 */
final class LearntCookies extends CookieSessions {
  private final String parameter;
  private final Sessions sessions;

  LearntCookies(Pool pool, StickySettings sticky, Sessions sessions) {
    super(pool, sticky.cookie());
    this.parameter = ";" + name + "=";
    this.sessions = sessions;
  }

  @Override
  public @Nullable Session session(ProxyRequest request) {
    Session session = session(request.headers());
    int at = session == null ? parameter(request.target()) : -1;
    return at < 0 ? session : sessions.session(hashOfParameter(request.target(), at));
  }

  @Override
  @Nullable Session session(String cookies, int from, int to) {
    return sessions.session(sessions.hash(cookies, from, to));
  }

  @Override
  @Nullable String responded(
      ProxyRequest request, ServerId server, boolean begins, HttpHeaders response) {
    boolean set = false;
    for (String cookie : response.getAll(HttpHeaderNames.SET_COOKIE)) {
      if (CookieHeader.isOf(cookie, name)) {
        set = true;
        learn(cookie, server);
      }
    }
    if (begins && !set) {
      keepReceivedCookie(request, server);
    }
    return null;
  }

  private void learn(String cookie, ServerId server) {
    int value = CookieHeader.value(cookie, 0);
    int end = CookieHeader.end(cookie, value);
    if (end > value) {
      sessions.keep(sessions.hash(cookie, value, end), server, System.nanoTime());
    }
  }

  private void keepReceivedCookie(ProxyRequest request, ServerId server) {
    String cookies = request.headers().get(HttpHeaderNames.COOKIE);
    int start = cookies == null ? -1 : CookieHeader.find(cookies, name, 0);
    if (cookies != null && start >= 0) {
      sessions.keepClaimed(hashOfCookie(cookies, start), server, System.nanoTime());
      return;
    }
    int at = parameter(request.target());
    if (at >= 0) {
      sessions.keepClaimed(hashOfParameter(request.target(), at), server, System.nanoTime());
    }
  }

  private long hashOfCookie(String cookies, int start) {
    int value = CookieHeader.value(cookies, start);
    return sessions.hash(cookies, value, CookieHeader.end(cookies, value));
  }

  /** The index of the parameter's value; -1 if the path has none. */
  private int parameter(String target) {
    int semicolon = target.indexOf(';');
    if (semicolon < 0) {
      return -1;
    }
    int query = target.indexOf('?');
    int end = query < 0 ? target.length() : query;
    for (int at = semicolon; at >= 0 && at < end; at = target.indexOf(';', at + 1)) {
      if (target.regionMatches(true, at, parameter, 0, parameter.length())) {
        return at + parameter.length();
      }
    }
    return -1;
  }

  private long hashOfParameter(String target, int from) {
    int to = from;
    while (to < target.length() && ";/?#".indexOf(target.charAt(to)) < 0) {
      to++;
    }
    return sessions.hash(target, from, to);
  }
}
