package dev.understudy.pool;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS that a listener ends.
 *
 * @param certificates PEM files with a certificate chain and its key, or folders of such files; the
 *     first is used for clients that name no server, or one that no certificate has (HAProxy {@code
 *     crt}). Empty if {@code bundle} is set
 * @param bundle SSL bundle of the static settings; null if {@code certificates} is not empty
 * @param clientAuth whether clients must show a certificate
 * @param clientCa PEM file with the authorities of client certificates; null for those of the
 *     bundle, or if no certificate is asked for
 * @param http2 whether HTTP/2 is offered; without effect on a listener that relays TCP
 * @param minVersion the lowest protocol version, by its name in the JDK: {@code TLSv1.2}
 * @param strictNames whether a client that names no server, or one that no certificate has, gets no
 *     connection instead of the first certificate (HAProxy {@code strict-sni})
 * @param crl file with lists of revoked client certificates (HAProxy {@code crl-file}); null if
 *     they are not looked up
 * @param keys the content of {@code certificates}, in their order
 * @param clientAuthorities the content of {@code clientCa}
 * @param revocations the content of {@code crl}
 */
public record ListenerTls(
    List<Path> certificates,
    @Nullable String bundle,
    ClientAuth clientAuth,
    @Nullable Path clientCa,
    boolean http2,
    String minVersion,
    boolean strictNames,
    @Nullable Path crl,
    List<CertifiedKey> keys,
    List<X509Certificate> clientAuthorities,
    RevocationLists revocations) {
  public ListenerTls {
    certificates = List.copyOf(certificates);
    keys = List.copyOf(keys);
    clientAuthorities = List.copyOf(clientAuthorities);
  }

  /** Whether {@code other} lets in the same clients. */
  public boolean judgesClientsAs(ListenerTls other) {
    return clientAuth == other.clientAuth
        && clientAuthorities.equals(other.clientAuthorities)
        && revocations.equals(other.revocations);
  }

  /** Whether clients show a certificate (HAProxy {@code verify}). */
  public enum ClientAuth {
    /** No certificate is asked for; the default. */
    NONE,
    /** A certificate that is shown is verified. */
    OPTIONAL,
    /** Without a verified certificate there is no connection. */
    REQUIRED
  }
}
