package dev.understudy.pool;

import java.security.cert.X509Certificate;
import java.util.List;

/** Certificates that vouch for servers, as values instead of a bundle; equal by what they are. */
public final class TrustedCertificates {
  private final List<X509Certificate> certificates;

  /**
   * @param certificates at least one
   */
  public TrustedCertificates(List<X509Certificate> certificates) {
    this.certificates = List.copyOf(certificates);
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("expected a certificate, found none");
    }
  }

  public List<X509Certificate> certificates() {
    return certificates;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TrustedCertificates that && certificates.equals(that.certificates);
  }

  @Override
  public int hashCode() {
    return certificates.hashCode();
  }

  /** Their number alone. */
  @Override
  public String toString() {
    return certificates.size() + (certificates.size() == 1 ? " certificate" : " certificates");
  }
}
