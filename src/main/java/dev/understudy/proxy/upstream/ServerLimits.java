package dev.understudy.proxy.upstream;

/**
 * Limits on servers' responses; {@code understudy.server.*}.
 *
 * @param maxHeaderBytes the most bytes of a response's header fields together; a larger head leads
 *     to a 502 (HAProxy: what {@code tune.bufsize} has room for)
 */
public record ServerLimits(int maxHeaderBytes) {
  /** The default: 64 KB. */
  public static final ServerLimits DEFAULT = new ServerLimits(64 * 1024);
}
