package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * Removes the fields that a client is not allowed to set, before a route or a filter sees the
 * request; fields that those set later stay.
 */
public final class RequestSanitizer {
  private RequestSanitizer() {}

  /**
   * Removes the fields that {@code Connection} nominates (RFC 9110 §7.6.1), and {@code
   * X-Forwarded-*}, {@code Forwarded} and {@code X-Real-IP} unless a trusted proxy sent them, and
   * whoever sent them, the look-alikes of fields of ours.
   *
   * @param fields those of all routes
   * @return what is nominated, for {@link #trailers}
   */
  public static HopByHop.Nominated head(
      HttpHeaders headers, ClientConnection client, TrustedProxies trusted, RequestFields fields) {
    fields.removeLookAlikes(headers);
    if (headers instanceof PlainHeaders plain && plain.isPlain()) {
      HeadLines lines = plain.lines();
      if ((lines.mayBegin('x') || lines.mayBegin('f')) && !trusted.trusts(client)) {
        removeForwarded(lines);
      }
    } else if (!trusted.trusts(client)) {
      RequestFields.remove(headers, RequestSanitizer::isForwarded);
    }
    return HopByHop.takeNominated(headers);
  }

  /**
   * Removes the nominated trailers and those that routes change or decide by as fields, in place.
   *
   * @param nominated the result of {@link #head} for the same request
   */
  public static void trailers(
      HttpHeaders trailers, HopByHop.Nominated nominated, RequestFields fields) {
    if (!trailers.isEmpty()) {
      nominated.removeFrom(trailers);
      fields.removeFrom(trailers);
    }
  }

  private static void removeForwarded(HeadLines lines) {
    for (int i = lines.count() - 1; i >= 0; i--) {
      if (ForwardedHeaders.isInitial(lines.initial(i)) && ForwardedHeaders.isOne(lines.name(i))) {
        lines.remove(i);
      }
    }
  }

  private static boolean isForwarded(CharSequence name) {
    return ForwardedHeaders.isInitial(name.charAt(0) | 0x20) && ForwardedHeaders.isOne(name);
  }
}
