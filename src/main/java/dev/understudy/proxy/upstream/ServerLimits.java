package dev.understudy.proxy.upstream;

/**
 * What a server's response may cost us; {@code understudy.server.*}.
 *
 * @param maxHeaderBytes of a response's header fields together; a longer head is answered with 502
 *     (HAProxy: what {@code tune.bufsize} has room for)
 */
public record ServerLimits(int maxHeaderBytes) {
  /** What is in force where nothing is set. */
  public static final ServerLimits DEFAULT = new ServerLimits(64 * 1024);
}
