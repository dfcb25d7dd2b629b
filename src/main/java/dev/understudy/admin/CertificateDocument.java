package dev.understudy.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One certificate; an element of the response of {@code GET /api/certificates}.
 *
 * @param bundle the Spring SSL bundle that holds it, or the prefix of the settings that do
 * @param use {@code server}: shown to clients; {@code client}: shown to servers; {@code upstream
 *     trust}: servers' certificates are verified against it
 * @param names the host names that it is for, and for {@code server} is served to
 * @param daysLeft whole days until it expires; negative once it has
 */
public record CertificateDocument(
    String bundle,
    String use,
    String subject,
    List<String> names,
    String issuer,
    Instant notBefore,
    Instant notAfter,
    long daysLeft) {
  public CertificateDocument {
    names = List.copyOf(names);
  }

  /** The days from {@code now} until {@code notAfter}. */
  public static long daysLeft(Instant now, Instant notAfter) {
    return Math.floorDiv(
        Duration.between(now, notAfter).toSeconds(), Duration.ofDays(1).toSeconds());
  }
}
