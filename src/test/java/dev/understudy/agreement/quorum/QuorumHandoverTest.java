package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Line.INSTALLATION;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.ReplicaContact;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.Register.WatchListener;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.Scenario;
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
  private ReplicaContact contact = ReplicaContact.LOST;
  private int noted;

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
      assertThat(b.counted()).containsExactly("a", "b", "c");
      assertThat(c.counted()).containsExactly("a", "b", "c");
    }
    witness.checkGap();
    assertThat(a.refused).isNull();
    assertThat(next.refused).isNull();
  }

  /** Numbers alone are milliseconds that pass unwatched; {@code pass} as {@link #pass} does. */
  @Scenario.Each(
      """
      a follower knows what is agreed and writes nothing
        pass 30; n serves sen2 in 1; n follows; n has no turn; n takes no commands; n wrote 0
      it follows a switch and has no part in it
        a,b,c,n see SU; pass 2; n serves sen1 in 2; n wrote 0
      the one that leads decides with the others, and the one before follows
        over; pass 1; note; a,b,n see SU; pass 2; n,b,c,a serve sen1 in 2; a has no turn; a wrote noted
      one before whose watch dies silently follows all the same
        over; pass 3; a deaf; b,c,n see SU; pass 5; n,a serve sen1 in 2
      one whose next process fails goes on
        pass 3; n cut; n closes; pass 20; a,b see SU; pass 1; a serves sen1 in 2; n wrote 0
      one that was not in touch as a follower does not decide alone at once, but as at a start
        START; START; n cut; over; n sees SU; 5000; n has no turn; n serves sen2 in 1; START
        n serves sen1 in 1
      the one before is in touch as long as it reads what the others do
        over; note; pass 30; a is in touch; a cut; pass 5; a is out of touch; a back; pass 3
        a is in touch; a wrote noted
      what a follower has read lasts four seconds, and is no part in the agreement
        pass 30; n is in touch; n cut; over; 10; n is in touch; n is trusted; n has no turn
        n takes no commands; 4000; n is out of touch; n is untrusted; n has no turn
      one that leads and may read only stays in touch by that for ten seconds
        pass 30; n reads only; over; 9990; n is in touch; n has no turn; n takes no commands
        1900; n is in touch; n has no turn; 2200; n is out of touch
      one that leads is in touch all the time
        pass 30; n noted; over; n holds the noted; pass 10; n holds the noted
      the one before that ends does not take the replica away
        over; pass 1; a leaves; 10; a closes; pass 20
      """)
  void a_handover(Scenario scenario) {
    begin();
    scenario.play(
        words -> {
          switch (words.at(0)) {
            case "pass" -> pass(Duration.ofSeconds(words.number(1)));
            case "over" -> handOver();
            case "note" -> noted = a.line.writes;
            case "START" -> loop.advance(RegisterContact.START.toMillis());
            default -> {
              if (Character.isDigit(words.at(0).charAt(0))) {
                loop.advance(words.number(0));
              } else {
                for (String name : words.at(0).split(",")) {
                  play(
                      name.equals("a") ? a : name.equals("b") ? b : name.equals("c") ? c : next,
                      words);
                }
              }
            }
          }
        });
  }

  private void play(Replica each, Scenario.Words words) {
    switch (words.at(1)) {
      case "see", "sees" -> each.see(words.at(2));
      case "cut" -> each.line.cut = true;
      case "reads" -> each.line.readOnly = true;
      case "back" -> each.line.cut = false;
      case "is" -> {
        String state = words.from(2);
        if (state.endsWith("trusted")) {
          assertThat(each.agreement.isEpochTrusted(SENSE)).isEqualTo(state.equals("trusted"));
        } else {
          assertThat(each.agreement.contact().holds()).isEqualTo(state.equals("in touch"));
        }
      }
      case "noted" -> contact = each.agreement.contact();
      case "holds" -> assertThat(contact.holds()).isTrue();
      case "deaf" -> each.line.deaf = true;
      case "leaves" -> each.agreement.leave();
      case "closes" -> each.agreement.close();
      case "serves", "serve" -> assertThat(each.serving()).isEqualTo(words.from(2));
      case "follows" -> assertThat(each.agreement.follows()).isTrue();
      case "has" -> assertThat(each.turn()).isEmpty();
      case "takes" -> assertThat(each.agreement.whyNoCommands()).isPresent();
      case "wrote" ->
          assertThat(each.line.writes)
              .isEqualTo(words.at(2).equals("noted") ? noted : words.number(2));
      default -> throw new IllegalArgumentException(words.at(1));
    }
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
