package dev.understudy.assembly;

import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.telemetry.CertificateMeters.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Announces certificates that expire: once each with 30, 7 and 1 days left, and once expired. A
 * start announces what holds then. Lists of revoked certificates, which are replaced every few
 * days, are not announced. Not safe for several threads.
 */
final class CertificateWatch {
  static final Duration INTERVAL = Duration.ofMinutes(1);

  private static final int[] DAYS = {30, 7, 1, 0};

  /** The steps of {@link #DAYS} that were announced, of certificates in use. */
  private Map<Certificate, Integer> announced = new HashMap<>();

  /**
   * The events that are due.
   *
   * @param inUse those in use now, each but once
   */
  List<Event> look(List<Certificate> inUse, Instant now) {
    Map<Certificate, Integer> next = new HashMap<>();
    List<Event> due = new ArrayList<>();
    for (Certificate each : inUse) {
      if (each.use().equals("crl")) {
        continue;
      }
      long left = Math.ceilDiv(Duration.between(now, each.notAfter()).toSeconds(), 86_400L);
      int step = (int) IntStream.of(DAYS).filter(days -> left <= days).count();
      if (step > announced.getOrDefault(each, 0) && next.put(each, step) == null) {
        due.add(expires(each, left));
      }
      next.merge(each, announced.getOrDefault(each, 0), Math::max);
    }
    announced = next;
    return due;
  }

  private static Event expires(Certificate certificate, long left) {
    String when =
        left <= 0
            ? "has expired"
            : left == 1 ? "expires within a day" : "expires in " + left + " days";
    return new ReplicaEvent.CertificateExpires(
        certificate.name(),
        certificate.notAfter(),
        left,
        "The %s certificate of %s %s, at %s"
            .formatted(certificate.use(), certificate.name(), when, certificate.notAfter()));
  }
}
