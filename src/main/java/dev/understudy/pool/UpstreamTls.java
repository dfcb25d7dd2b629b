package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/**
 * TLS settings of connections to https servers, for traffic and probes alike.
 *
 * @param bundle the Spring SSL bundle with trusted certificates and, for mutual TLS, our own; null
 *     for the JDK's trusted certificates
 * @param serverName name sent as SNI (RFC 6066 §3) and verified; null for the server's host
 * @param verify whether the certificate is verified; default true
 */
public record UpstreamTls(@Nullable String bundle, @Nullable String serverName, boolean verify) {
  public static final UpstreamTls DEFAULT = new UpstreamTls(null, null, true);
}
