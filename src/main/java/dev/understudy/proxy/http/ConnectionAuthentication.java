package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;

/**
 * Recognises NTLM and Negotiate (RFC 4559), which authenticate a connection and not a request: all
 * that is sent on that connection later counts as its user's.
 */
public final class ConnectionAuthentication {
  /** What the names of these schemes begin with, as in HAProxy: Negotiate, Nego2, NTLM. */
  private static final String[] SCHEMES = {"NTLM", "Nego"};

  private ConnectionAuthentication() {}

  /** Whether a 401 or 407 asks the client to authenticate its connection. */
  public static boolean isOffered(HttpResponse response) {
    return switch (response.status().code()) {
      case 401 -> has(response.headers(), HttpHeaderNames.WWW_AUTHENTICATE);
      case 407 -> has(response.headers(), HttpHeaderNames.PROXY_AUTHENTICATE);
      default -> false;
    };
  }

  /** Whether a request brings such credentials, which can suffice without a 401 before them. */
  public static boolean isUsed(HttpHeaders request) {
    String credentials = request.get(HttpHeaderNames.AUTHORIZATION);
    return credentials != null && begins(credentials, 0);
  }

  private static boolean has(HttpHeaders headers, AsciiString name) {
    return headers.getAll(name).stream().anyMatch(ConnectionAuthentication::lists);
  }

  /** Whether an element of a list is a challenge of one of the schemes. */
  private static boolean lists(String challenges) {
    int at = 0;
    while (at >= 0 && at < challenges.length()) {
      while (at < challenges.length() && " \t,".indexOf(challenges.charAt(at)) >= 0) {
        at++;
      }
      if (begins(challenges, at)) {
        return true;
      }
      at = challenges.indexOf(',', at);
    }
    return false;
  }

  private static boolean begins(String text, int at) {
    for (String scheme : SCHEMES) {
      if (text.regionMatches(true, at, scheme, 0, scheme.length())) {
        return true;
      }
    }
    return false;
  }
}
