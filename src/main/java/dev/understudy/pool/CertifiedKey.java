package dev.understudy.pool;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A private key with the chain of its certificate, as a TLS listener shows it to clients.
 *
 * @param source the file, or what else names it for people
 * @param chain the key's own certificate first, each further one certifies the one before (RFC 8446
 *     §4.4.2); at least one
 * @param serverName the only server names for which it is shown, whatever the certificate's names
 *     are, as {@link ServerNamePatterns} has them; null for those of the certificate
 */
public record CertifiedKey(
    String source, PrivateKey key, List<X509Certificate> chain, @Nullable String serverName) {
  /** A key that is shown for the names of its certificate. */
  public CertifiedKey(String source, PrivateKey key, List<X509Certificate> chain) {
    this(source, key, chain, null);
  }

  public CertifiedKey {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("no certificate");
    }
  }

  /** This key for those server names alone; null for all names of its certificate. */
  public CertifiedKey onlyFor(@Nullable String name) {
    return new CertifiedKey(source, key, chain, name);
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
