package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.telemetry.CertificateMeters.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Certificates that expire are announced, once with each number of days. */
class CertificateWatchTest {
  private static final Instant END = Instant.parse("2027-01-31T12:00:00Z");
  private static final Certificate SITE = new Certificate("site.pem", "server", END);

  private final CertificateWatch watch = new CertificateWatch();

  /** The days left in the events of looks every hour, from so long before the end. */
  private List<Long> looks(Duration from, Duration until, Certificate... inUse) {
    List<Long> days = new ArrayList<>();
    for (Duration left = from; left.compareTo(until) >= 0; left = left.minusHours(1)) {
      watch
          .look(List.of(inUse), END.minus(left))
          .forEach(each -> days.add(((ReplicaEvent.CertificateExpires) each).daysLeft()));
    }
    return days;
  }

  @Test
  void each_step_is_announced_once() {
    assertThat(looks(Duration.ofDays(40), Duration.ofDays(-3), SITE))
        .containsExactly(30L, 7L, 1L, 0L);
  }

  @Test
  void a_start_announces_only_what_holds_then() {
    assertThat(looks(Duration.ofDays(5), Duration.ofDays(2), SITE)).containsExactly(5L);
  }

  @Test
  void a_renewed_certificate_is_another() {
    assertThat(looks(Duration.ofDays(5), Duration.ofDays(5), SITE)).hasSize(1);
    Certificate renewed = new Certificate("site.pem", "server", END.plus(Duration.ofDays(10)));
    assertThat(looks(Duration.ofDays(4), Duration.ofDays(3), renewed)).containsExactly(14L);
  }

  @Test
  void one_that_is_served_under_two_names_is_announced_once() {
    assertThat(looks(Duration.ofDays(5), Duration.ofDays(5), SITE, SITE)).containsExactly(5L);
  }

  @Test
  void a_list_of_revoked_certificates_which_is_replaced_every_few_days_is_not_announced() {
    Certificate list = new Certificate("revoked.pem", "crl", END);
    assertThat(looks(Duration.ofDays(8), Duration.ofDays(-1), list)).isEmpty();
  }

  @Test
  void the_sentence_says_which_one_and_when() {
    assertThat(watch.look(List.of(SITE), END.minus(Duration.ofHours(150))))
        .extracting(Event::message)
        .containsExactly(
            "The server certificate of site.pem expires in 7 days, at 2027-01-31T12:00:00Z");
    assertThat(watch.look(List.of(SITE), END.plusSeconds(1)))
        .extracting(Event::message)
        .containsExactly("The server certificate of site.pem has expired, at 2027-01-31T12:00:00Z");
  }
}
