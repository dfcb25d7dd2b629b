package dev.understudy.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One certificate; an element of the response of {@code GET /api/certificates}.
 *
 * @param bundle the Spring SSL bundle, or the prefix of the settings that hold the certificate
 * @param use {@code server}, {@code client} or {@code upstream trust}
 * @param names the host names that it is for
 * @param daysLeft whole days until it expires; negative once it has
 */
record CertificateDocument(
    String bundle,
    String use,
    String subject,
    List<String> names,
    String issuer,
    Instant notBefore,
    Instant notAfter,
    long daysLeft) {
  static CertificateDocument of(ReplicaView.Certificate certificate, Instant now) {
    return new CertificateDocument(
        certificate.bundle(),
        certificate.use(),
        certificate.subject(),
        certificate.names(),
        certificate.issuer(),
        certificate.notBefore(),
        certificate.notAfter(),
        Math.floorDiv(
            Duration.between(now, certificate.notAfter()).toSeconds(),
            Duration.ofDays(1).toSeconds()));
  }
}
