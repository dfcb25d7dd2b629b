package dev.understudy.proxy.upstream;

/**
 * Limits on servers' responses; {@code understudy.server.*}.
 *
 * @param maxHeaderBytes the most bytes of a response's header fields together; a larger head leads
 *     to a 502 (HAProxy: what {@code tune.bufsize} has room for)
 * @param maxHeaders the most fields of a response's head, or of its trailers; more in a head lead
 *     to a 502, and more in trailers break the response off (HAProxy {@code tune.http.maxhdr})
 */
public record ServerLimits(int maxHeaderBytes, int maxHeaders) {
  /** The default: 64 KB, 200 fields. */
  public static final ServerLimits DEFAULT = new ServerLimits(64 * 1024, 200);
}
