package dev.understudy.proxy.front;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Iterator;

/**
 * What Netty lets pass and we answer with 400, because two readers could understand it differently:
 * a route or filter here, and the server behind us.
 *
 * <ul>
 *   <li>No {@code Host}, or more than one, or one that is none (RFC 9112 §3.2); HTTP/1.0 needs
 *       none.
 *   <li>A target of none of the four forms (§3.2.1 to §3.2.4), or with a fragment.
 * </ul>
 */
final class RequestRules {
  /** Beside letters and digits (RFC 3986 §3.2.2 and §3.2.3), without user information. */
  private static final String HOST_EXTRA = "-._~%!$&'()*+,;=:[]";

  private RequestRules() {}

  /** Reactor Netty answers with 400 if this is thrown where a request is first looked at. */
  static final class Malformed extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    Malformed(String what) {
      super(what);
    }

    /** For each request of whoever sends rubbish; who throws it is known. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  /**
   * Passes what is in order.
   *
   * @throws Malformed if it is not
   */
  static void require(HttpRequest request) {
    Iterator<? extends CharSequence> hosts =
        request.headers().valueCharSequenceIterator(HttpHeaderNames.HOST);
    if (hosts.hasNext()) {
      requireHost(hosts.next());
      if (hosts.hasNext()) {
        throw new Malformed("more than one Host");
      }
    } else if (!HttpVersion.HTTP_1_0.equals(request.protocolVersion())) {
      throw new Malformed("no Host");
    }
    requireTarget(request.method(), request.uri());
  }

  private static void requireHost(CharSequence host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      boolean usual = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!usual && HOST_EXTRA.indexOf(c) < 0) {
        throw new Malformed("not a Host");
      }
    }
  }

  private static void requireTarget(HttpMethod method, String target) {
    boolean form =
        target.startsWith("/")
            || HttpMethod.CONNECT.equals(method)
            || (target.equals("*") && HttpMethod.OPTIONS.equals(method))
            || target.regionMatches(true, 0, "http://", 0, 7)
            || target.regionMatches(true, 0, "https://", 0, 8);
    if (!form || target.indexOf('#') >= 0) {
      throw new Malformed("not a request target");
    }
  }
}
