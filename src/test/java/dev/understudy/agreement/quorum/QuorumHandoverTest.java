package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Line.INSTALLATION;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.Register.WatchListener;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.testing.FakeLoop;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replica a is handed over to its next process, beside b and c. */
class QuorumHandoverTest {
  private static final RegisterKey VOTER = RegisterKey.voter("a");

  private final FakeLoop loop = new FakeLoop();
  private final MemoryStore store = new MemoryStore();
  private final Replica a = new Replica("a", loop, store);
  private final Replica b = new Replica("b", loop, store);
  private final Replica c = new Replica("c", loop, store);
  private final Replica next = new Replica("a", loop, store, OnLoss.LOCAL, "run-of-a");
  private final Witness witness = new Witness();

  /** The master serves in epoch 1; the next process follows. */
  private void begin() {
    for (Replica each : List.of(a, b, c)) {
      each.begin("UU");
    }
    List.of(a, b, c).forEach(Replica::decide);
    loop.advance(1_000);
    new Line(loop, store).watch(store.list(INSTALLATION).revision(), witness);
    witness.last = loop.nanoTime();
    next.agreement.follow();
    next.begin("UU");
    next.decide();
  }

  private void handOver() {
    a.agreement.follow();
    next.agreement.lead();
  }

  /** Lets time pass in small steps, at each of which the others count all three. */
  private void pass(Duration time) {
    for (long ms = 0; ms < time.toMillis(); ms += 50) {
      loop.advance(50);
      assertThat(counted(b)).containsExactly("a", "b", "c");
      assertThat(counted(c)).containsExactly("a", "b", "c");
    }
    witness.checkGap();
    assertThat(a.refused).isNull();
    assertThat(next.refused).isNull();
  }

  private static List<String> counted(Replica replica) {
    return replica.agreement.status().voters().stream()
        .filter(AgreementStatus.Voter::counted)
        .map(AgreementStatus.Voter::replica)
        .toList();
  }

  @Test
  void a_follower_knows_what_is_agreed_and_writes_nothing() {
    begin();
    pass(Duration.ofSeconds(30));
    assertThat(next.serving()).isEqualTo("sen2 in 1");
    assertThat(next.agreement.follows()).isTrue();
    assertThat(next.turn()).isEmpty();
    assertThat(next.agreement.whyNoCommands()).isPresent();
    assertThat(next.line.writes).isZero();
  }

  @Test
  void it_follows_a_switch_and_has_no_part_in_it() {
    begin();
    List.of(a, b, c, next).forEach(each -> each.see("SU"));
    pass(Duration.ofSeconds(2));
    assertThat(next.serving()).isEqualTo("sen1 in 2");
    assertThat(next.line.writes).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 500, 1_990, 1_999, 2_000, 25_000})
  void the_others_notice_nothing_of_a_handover(long after) {
    begin();
    loop.advance(after);
    handOver();
    loop.advance(10);
    assertThat(next.agreement.follows()).isFalse();
    assertThat(next.agreement.status()).isNotNull();
    assertThat(next.agreement.contact().holds()).as("in touch at once").isTrue();
    int written = a.line.writes;
    pass(Duration.ofSeconds(20));
    assertThat(next.agreement.ready()).isTrue();
    assertThat(next.agreement.whyNoCommands()).isEmpty();
    assertThat(a.line.writes).as("the one before writes nothing more").isEqualTo(written);
    assertThat(a.agreement.follows()).isTrue();
  }

  @Test
  void the_one_that_leads_decides_with_the_others_and_the_one_before_follows() {
    begin();
    handOver();
    pass(Duration.ofSeconds(1));
    int written = a.line.writes;
    List.of(a, b, next).forEach(each -> each.see("SU"));
    pass(Duration.ofSeconds(2));
    assertThat(List.of(next.serving(), b.serving(), c.serving(), a.serving()))
        .containsOnly("sen1 in 2");
    assertThat(a.turn()).isEmpty();
    assertThat(a.line.writes).isEqualTo(written);
  }

  @Test
  void one_before_whose_watch_dies_silently_follows_all_the_same() {
    begin();
    handOver();
    pass(Duration.ofSeconds(3));
    a.line.deaf = true;
    List.of(b, c, next).forEach(each -> each.see("SU"));
    pass(Duration.ofSeconds(5));
    assertThat(next.serving()).isEqualTo("sen1 in 2");
    assertThat(a.serving()).isEqualTo("sen1 in 2");
  }

  @ParameterizedTest
  @CsvSource({"5, 10", "10, 5", "10, 10", "900, 1", "1, 900", "300, 290"})
  void a_write_that_is_under_way_meanwhile_does_no_harm(long before, long after) {
    begin();
    loop.advance(100);
    a.line.delay = Duration.ofMillis(before);
    next.line.delay = Duration.ofMillis(after);
    a.see("SU");
    loop.advance(4);
    next.see("SU");
    handOver();
    pass(Duration.ofSeconds(2));
    a.line.delay = Duration.ZERO;
    next.line.delay = Duration.ZERO;
    pass(Duration.ofSeconds(5));
    assertThat(next.agreement.contact().holds()).isTrue();
    b.see("SU");
    loop.advance(1_000);
    assertThat(c.serving()).isEqualTo("sen1 in 2");
  }

  @Test
  void one_whose_next_process_fails_goes_on() {
    begin();
    pass(Duration.ofSeconds(3));
    next.line.cut = true;
    next.agreement.close();
    pass(Duration.ofSeconds(20));
    List.of(a, b).forEach(each -> each.see("SU"));
    pass(Duration.ofSeconds(1));
    assertThat(a.serving()).isEqualTo("sen1 in 2");
    assertThat(next.line.writes).isZero();
  }

  @Test
  void one_that_was_not_in_touch_as_a_follower_does_not_decide_alone_at_once() {
    begin();
    loop.advance(RegisterContact.START.toMillis() * 2);
    next.line.cut = true;
    handOver();
    next.see("SU");
    loop.advance(5_000);
    assertThat(next.turn()).isEmpty();
    assertThat(next.serving()).isEqualTo("sen2 in 1");
    loop.advance(RegisterContact.START.toMillis());
    assertThat(next.serving()).as("after as long as at a start").isEqualTo("sen1 in 1");
  }

  @Test
  void the_one_before_that_ends_does_not_take_the_replica_away() {
    begin();
    handOver();
    pass(Duration.ofSeconds(1));
    a.agreement.leave();
    loop.advance(10);
    a.agreement.close();
    pass(Duration.ofSeconds(20));
  }

  @Test
  void a_replica_can_be_handed_over_again_and_again() {
    begin();
    Replica leading = a;
    for (int i = 0; i < 5; i++) {
      Replica third = new Replica("a", loop, store, OnLoss.LOCAL, "run-of-a");
      third.agreement.follow();
      third.begin("UU");
      loop.advance(700);
      leading.agreement.follow();
      third.agreement.lead();
      loop.advance(10);
      assertThat(third.agreement.contact().holds()).isTrue();
      pass(Duration.ofMillis(700));
      leading = third;
    }
    assertThat(leading.agreement.agreed(SENSE)).isPresent();
  }

  /** What the other replicas see of the replica's entry. */
  private final class Witness implements WatchListener {
    private long last;

    @Override
    public void changed(RegisterEntry entry) {
      if (!entry.key().equals(VOTER)) {
        return;
      }
      checkGap();
      last = loop.nanoTime();
      Voter voter = VoterCodec.read("a", entry.document());
      assertThat(voter.incarnation()).isEqualTo("run-of-a");
      assertThat(voter.synced()).isTrue();
      assertThat(voter.ready()).isTrue();
      assertThat(voter.ballot(SENSE)).isNotNull();
    }

    /** No renewal is missing. */
    void checkGap() {
      assertThat(Duration.ofNanos(loop.nanoTime() - last)).isLessThan(Duration.ofSeconds(4));
    }

    @Override
    public void deleted(RegisterKey key, long revision) {
      throw new AssertionError(key + " was deleted");
    }

    @Override
    public void progress(long revision) {}

    @Override
    public void ended(RegisterException why) {}
  }
}
