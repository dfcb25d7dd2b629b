package dev.understudy.proxy.gateway;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** The headers of the request for the engine: the client's, as the filters left them. */
final class RequestHeaders {
  private RequestHeaders() {}

  /**
   * Returns the headers, in the client's order unless a filter touched them. Includes {@code
   * Expect} unless a filter that read the body has met it already.
   */
  static HttpHeaders of(ServerHttpRequest request, GatewayLaneRequest lane) {
    // Filters never change the request itself, only a mutated copy or a decorator.
    boolean same = request.equals(lane.request());
    if (same && !lane.expectsContinue() && !lane.received.isHostShortened()) {
      return lane.headers();
    }
    HttpHeaders headers = new DefaultHttpHeaders();
    if (same) {
      headers.add(lane.headers());
    } else {
      request.getHeaders().forEach((name, values) -> headers.add(name, values));
      putBackHidden(lane, headers);
    }
    putBackHost(lane, headers);
    if (lane.expectsContinue()) {
      headers.set(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
    }
    return headers;
  }

  /**
   * Spells fields of one name alike: what Spring sees has an entry for each spelling, each with the
   * values of all, so that a filter's copy would have them as often.
   */
  static void spellAlike(HttpHeaders headers) {
    if (areSpelledAlike(headers)) {
      return;
    }
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : headers.names()) {
      if (!names.add(name)) {
        headers.set(name, List.copyOf(headers.getAll(name)));
      }
    }
  }

  private static boolean areSpelledAlike(HttpHeaders headers) {
    List<CharSequence> seen = new ArrayList<>(headers.size());
    Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      CharSequence name = all.next().getKey();
      for (CharSequence other : seen) {
        if (AsciiString.contentEqualsIgnoreCase(name, other)
            && !AsciiString.contentEquals(name, other)) {
          return false;
        }
      }
      seen.add(name);
    }
    return true;
  }

  /** Restores {@code Host} with its empty port unless a filter has set another one. */
  private static void putBackHost(GatewayLaneRequest lane, HttpHeaders headers) {
    String original = lane.received.host();
    if (original != null
        && lane.received.isHostShortened()
        && original.equals(headers.get(HttpHeaderNames.HOST) + ":")) {
      headers.set(HttpHeaderNames.HOST, original);
    }
  }

  private static void putBackHidden(GatewayLaneRequest lane, HttpHeaders headers) {
    String hidden = lane.headers().get(Preflights.MARK);
    if (hidden != null && !lane.request().getHeaders().containsHeader(Preflights.MARK)) {
      headers.set(Preflights.MARK, hidden);
    }
  }

  /**
   * Whether the headers announce a body (RFC 9112 §6.3); the HTTP/2 codec adds "chunked" to a body
   * without length.
   */
  static boolean announceBody(org.springframework.http.HttpHeaders headers) {
    String length = headers.getFirst(org.springframework.http.HttpHeaders.CONTENT_LENGTH);
    return headers.containsHeader(org.springframework.http.HttpHeaders.TRANSFER_ENCODING)
        || (length != null && !isZero(length));
  }

  /** Whether a length is zero, written with any number of zeros. */
  private static boolean isZero(String length) {
    return !length.isEmpty() && length.chars().allMatch(digit -> digit == '0');
  }
}
