package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.ReplicaContact;
import dev.understudy.event.EventHistory;
import dev.understudy.failover.Candidate;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A replica that loses contact, and gets it again, is announced once each. */
class ContactWatchTest {
  private static final class Contact extends FakeAgreement {
    private boolean holds = true;
    private Set<String> lost = Set.of();

    @Override
    public String replica() {
      return "me";
    }

    @Override
    public ReplicaContact contact() {
      return () -> holds;
    }

    @Override
    public Set<String> lostReplicas() {
      return lost;
    }

    @Override
    public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {}

    @Override
    public AgreementStatus status() {
      return new AgreementStatus(
          "etcd", "me", holds, Instant.EPOCH, "no route", List.of(), List.of(), 0, 0);
    }
  }

  private final Contact agreement = new Contact();
  private Instant now = Instant.parse("2026-11-24T20:00:00Z");
  private final EventHistory events = new EventHistory(() -> now);
  private final ContactWatch watch = new ContactWatch(agreement, events, () -> now);

  private void pass(Duration time) {
    for (Instant end = now.plus(time); now.isBefore(end); now = now.plusMillis(100)) {
      watch.look();
    }
    watch.look();
  }

  private List<String> messages() {
    return events.newest(null, 100).stream().map(each -> each.event().message()).toList();
  }

  @Test
  void a_short_loss_of_contact_is_no_event() {
    agreement.holds = false;
    pass(ContactWatch.SILENCE.minusMillis(200));
    agreement.holds = true;
    pass(Duration.ofSeconds(60));
    assertThat(messages()).isEmpty();
  }

  @Test
  void a_long_one_has_an_event_at_its_begin_and_one_at_its_end() {
    agreement.holds = false;
    pass(Duration.ofMinutes(5));
    assertThat(messages()).containsExactly("Replica me is out of touch with the others: no route");
    agreement.holds = true;
    pass(Duration.ofMinutes(5));
    assertThat(messages()).endsWith("Replica me is no longer out of touch").hasSize(2);
  }

  @Test
  void another_replica_that_ceases_is_announced_until_it_is_back() {
    agreement.lost = Set.of("other");
    pass(Duration.ofSeconds(5));
    agreement.holds = false;
    agreement.lost = Set.of();
    pass(Duration.ofSeconds(5));
    assertThat(messages())
        .as("out of touch, this replica knows nothing of others")
        .containsExactly("Replica other is out of touch: nothing has been heard from it");
    agreement.holds = true;
    pass(Duration.ofSeconds(5));
    assertThat(messages()).endsWith("Replica other is no longer out of touch").hasSize(2);
  }
}
