package dev.understudy.pool;

import java.util.List;

/**
 * What a TLS connection to a server needs of its context.
 *
 * @param settings the server's pool's settings
 * @param protocols offered by ALPN (RFC 7301), the preferred one first; empty for none
 */
public record TlsOffer(UpstreamTls settings, List<String> protocols) {
  public TlsOffer {
    protocols = List.copyOf(protocols);
  }

  /** Without ALPN. */
  public static TlsOffer of(UpstreamTls settings) {
    return new TlsOffer(settings, List.of());
  }
}
