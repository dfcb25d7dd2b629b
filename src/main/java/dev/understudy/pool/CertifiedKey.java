package dev.understudy.pool;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key with the chain of its certificate, as a TLS listener shows it to clients.
 *
 * @param source the file, or what else names it for people
 * @param chain the key's own certificate first, each further one certifies the one before (RFC 8446
 *     §4.4.2); at least one
 */
public record CertifiedKey(String source, PrivateKey key, List<X509Certificate> chain) {
  public CertifiedKey {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("no certificate");
    }
  }

  /** The key's own certificate. */
  public X509Certificate certificate() {
    return chain.get(0);
  }

  /** Omits the key. */
  @Override
  public String toString() {
    return "CertifiedKey["
        + source
        + ", "
        + certificate().getSubjectX500Principal().getName()
        + "]";
  }
}
