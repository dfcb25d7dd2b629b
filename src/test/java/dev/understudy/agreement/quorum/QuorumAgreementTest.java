package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Line.INSTALLATION;
import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.BACKUP_SERVER;
import static dev.understudy.agreement.quorum.Scene.MASTER;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_SERVER;
import static dev.understudy.agreement.quorum.Scene.MOVED_MASTER;
import static dev.understudy.agreement.quorum.Scene.POOL;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static dev.understudy.agreement.quorum.Scene.held;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.NotKnownException;
import dev.understudy.agreement.ReplicaContact;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Replicas on one store, each with a line of its own that the test disturbs. */
class QuorumAgreementTest {
  private static final RegisterKey RECORD = RegisterKey.pool(SENSE.value());

  private static final Hook PROMOTE =
      new Hook(null, List.of("promote"), Map.of(), Duration.ofSeconds(5), false);

  private static final Map<String, Pool> FILES =
      Map.of(
          "plain", POOL,
          "hooked", TestPools.like(POOL).hooks(new HookSettings(null, PROMOTE)).build(),
          "manual", manual(),
          "alone", Scene.pool(SENSE, MASTER_SERVER),
          "backup", Scene.pool(SENSE, BACKUP_SERVER),
          "moved", Scene.pool(SENSE, MOVED_MASTER, BACKUP_SERVER),
          "balance",
              Scene.pool(
                  SENSE, PoolMode.BALANCE, FailbackSettings.DEFAULT, MASTER_SERVER, BACKUP_SERVER));

  private final FakeLoop loop = new FakeLoop();
  private final MemoryStore store = new MemoryStore();
  private final Replica a = new Replica("a", loop, store);
  private final Replica b = new Replica("b", loop, store);
  private final Replica c = new Replica("c", loop, store);
  private final Map<String, Replica> others = new HashMap<>();
  private final List<CompletableFuture<?>> calls = new ArrayList<>();
  private AgreedRole noted;
  private ReplicaContact notedContact = ReplicaContact.LOST;
  private boolean flapped;

  /**
   * Numbers alone are milliseconds that pass. Replicas a, b and c; d holds out of touch, x is a
   * second process of a, and f is one named d that joins late; {@code old} is one of version 0.9.0;
   * {@code first} is whose turn it was when it was named first, and {@code rest} are the others.
   * {@code served}: all decide as monitors do, and the master, sen2, serves in epoch 1. {@code
   * alone}: cut off, it finds the master silent.
   */
  @Scenario.Each(
      """
      replicas have their turns one after another
        all begin UU; turns all 0 150 300
      a replica whose file lacks the pool has no turn
        all begin UU; first lacks the pool; 100; first has no turn; turns rest 0 150
      a replica whose file lacks the pool's hooks has its turn after the others
        all begin UU; first file plain; rest file hooked; all see UU; 100; turns first 300
        turns rest 0 150; first file hooked; first sees UU; 100; turns first 0
      calls of hooks are passed on to no replica of version 0.9.0, which would not make them
        all file hooked; all begin UU; a proposes; 100; all pass calls on; old begins; 100
        all pass no calls on
      a change of what is agreed no more is not written
        all begin UU; a proposes; 100; a notes what is agreed; all see SU; 100; b proposes; 100
        a serves sen1 in 2; a changes what was noted; 100; failed; record sen1 in 2
      one replica decides alone and durably
        a begins UU; a has its turn; a proposes; settle; a serves sen2 in 1; record sen2 in 1
        a is trusted; a announced Initial: Server sen2 serves
      one that joins does not count until it is synced
        a begins UU; a proposes; b starts; b sees SU; 100; a counts a; b has no turn
        b is unready; a sees SU; 100; a switches; b sees UU; b synced; 100; a counts a b
        b is ready; a stays
      a decision waits until the own newest vote has come back, which is found by the missing echo
        a begins UU; a proposes; 100; a deaf; a sees SU; 100; a has no turn; a noted
        a hears; 1000; a has its turn; a changed
      votes on another pool that the others do not know yet keep no decision waiting
        a begins UU; a proposes; 100; a sees another pool; a has its turn; a sees SU; a has no turn
        100; a has its turn; a sees another pool; a has its turn
      a write whose response was lost is recognised
        a begins UU; a loses responses; a proposes; 1010; done; a serves sen2 in 1
        a announced Initial: Server sen2 serves
      after a failed write the listener learns that it may propose again
        a begins UU; a proposes; a sees SU; 100; a cut; a sets sen1 DRAIN; a back; 990
        a has no turn; a noted; 20; a has a turn; a changed; 100; done
      a minority moves no role, and a majority does
        served; a sees SU; 1000; all serve sen2 in 1; b sees SU; 1000; all serve sen1 in 2
        all say sen2: evidence S, 2 of 3 replicas: a, b
      of two replicas of which one is late the other one decides, and either writes
        a begins UU; b begins UU; a,b decide; 500; b sees LL; 100; a sees SU; 1000
        a,b serve sen1 in 2; a says sen2: evidence S, 1 of 2 replicas: a, late checks: b
      of three replicas of which two are late the third one decides
        served; b sees LN; c sees LL; 100; a sees SU; 1000; all serve sen1 in 2
      late replicas move nobody, nor does one that is in time and finds all well
        served; b,c see NU; 5000; a sees NU; 5000; all serve sen2 in 1
      a failback waits until replicas that were late see the master, too
        a begins UU; b begins UU; a,b decide; 500; b sees LL; a sees SU; 1000; a,b serve sen1 in 2
        a sees UU; 5000; a,b serve sen1 in 2; b sees UU; 1000; a,b serve sen2 in 3
      a replica that was late has others suspect a server as it finds that DOWN
        served; a sees NU; 100; a sees SU; 100; b,c suspect sen2 by a
      a failback waits until a majority finds the master fit in this epoch
        served; all see SU; 1000; all serve sen1 in 2; a sees UU; 5000; all serve sen1 in 2
        b sees UU; 500; all serve sen2 in 3; c failed back
      a replica cut off from the backup does not keep both of two from serving
        a begins US; b begins UU; a,b decide; 1000; a serves sen2 in 1; a sees SS; b sees SU
        6000; a is ready; 2000; a is unready; b is ready; a,b serve sen1 in 3
      the last of two decides alone once the other is dropped
        a begins UU; b begins UU; a,b decide; 500; b cut; a sees SU; 4000; a serves sen2 in 1
        3000; a serves sen1 in 2
      a process that was restarted under its name takes part after silence
        a begins UU; a decides; 500; a cut; x begins UU; x decides; 5000; x is unready
        x has no turn; 3000; x is admitted; x is ready; x serves sen2 in 1; x is trusted
      two processes of one name end the newcomer only
        a begins UU; x begins UU; 20000; x is refused; a is admitted; a is in touch
      a new vote against the serving server makes the others suspect it once, and no other
        served; a sees SU; 10000; b,c suspect sen2 by a; a suspects; a sees US; 100
        b suspects sen2 by a
      one that is silent counts for three renewals and then no more
        served; 500; c cut; 3900; a counts a b c; 3000; a counts a b
      one that was silent for long counts again as soon as it says the same as before
        served; c waits; c sees SU; 100; c cut; 8000; a sees SU; 1000; a counts a b
        all serve sen2 in 1; c back; 4000; a counts a b c; all serve sen1 in 2
      one that left counts no more at once but follows
        served; c leaves; 100; a counts a b; c has no turn; c is ready; a,b see SU; 1000
        all serve sen1 in 2; c has an entry; 20000; c has an entry; a counts a b
      one that departed has no entry and follows
        served; c leaves; 100; c departs; 100; c has no entry; a counts a b; a,b see SU; 1000
        all serve sen1 in 2; c has no entry; 20000; c has no entry
      one that departs though it never left does so
        served; c departs; 100; c has no entry
      replicas whose files gave the holder's name to another leave it, by way of the backup
        stored sen2 in 3; a file moved; a begins UU; a decides; 1000; a serves sen2 in 5
        a holds moved
      a record that was deleted is written anew in a higher epoch
        served; delete; 1000; record sen2 in 2; all serve sen2 in 2; written 2
      the first decision after the record was lost is carried out
        served; all wait; all see SU; 100; delete; a proposes; 1000; done; record sen1 in 2
        all serve sen1 in 2
      the first decision after the record was set back is carried out
        served; a,b see SU; 1000; all wait; all see US; 100; stored sen2 in 1; a proposes; 1000
        done; record sen2 in 3; all serve sen2 in 3
      a record that was set back is written anew
        served; a,b see SU; 1000; stored sen2 in 1; 1000; all serve sen1 in 3
      a record that was edited to another holder is written anew
        served; stored sen1 in 1; 1000; all serve sen2 in 2; a is trusted
      a replica that missed what an operator set does not repair the record before those that know it
        served; first cut; 6000; rest sets sen1 DRAIN; 100; done; rest cut; delete; first back
        3000; first is in touch; first is untrusted; rest back; 9000
        record has {sen1=DRAIN}; all have {sen1=DRAIN}; all are trusted
      a replica that missed what an operator set repairs the record once nobody else is left
        served; first cut; 6000; rest sets sen1 DRAIN; 100; done; rest cut; delete; first back
        12000; first is trusted; record sen2 in 2; record has {}
      a replica whose record was begun anew meanwhile, in the same epoch, repairs it
        served; c cut; 6000; a,b leave; 100; delete; f begins SU; 12000; f decides; 2000
        f serves sen1 in 1; c back; 20000; c,f are trusted; c,f serve sen2 in 2
      a record of a far higher epoch is followed
        served; all wait; stored sen1 in 1000; 10; all serve sen1 in 1000
      only a replica that knows the highest epoch repairs
        served; a,b see SU; 1000; all serve sen1 in 2; a,b leave; 100; c cut; delete
        f begins UU; f decides; 2000; f serves nobody in 0; c back; 8000
        record sen2 in 4; c,f serve sen2 in 4
      out of touch the agreement stays and no epoch is sent
        served; a cut; 5500; a is out of touch; a serves sen2 in 1; a is untrusted; a is ready
        a takes no commands
      out of touch it decides by its own view without raising the epoch
        served; a alone; a is untrusted; record sen2 in 1; a says decided alone
      out of touch a late view moves nobody, and a view in time goes to what is late
        served; a cut; 7000; a sees NU; a decides; 5000; a serves sen2 in 1; a sees SL; a decides
        1000; a serves sen1 in 1; a sees UN; a decides; 5000; a serves sen1 in 1
      out of touch no replica fails back
        served; all see SU; 1000; all serve sen1 in 2; all cut; all see UU; 30000
        a is out of touch; a decides; 30000; all serve sen1 in 2; a shows sen1 null
      what it chose alone it keeps while out of touch, though the better rank returns
        served; a alone; a sees UU; a decides; 30000; a serves sen1 in 1; a sees US; a decides
        1000; a serves sen2 in 1
      a choice made alone is shown
        served; a alone; 100; a shows sen2 sen1
      back in touch a newer epoch ends what was chosen alone
        served; a alone; b,c see SU; 7000; b serves sen1 in 2; a back; 5000
        all serve sen1 in 2; a is trusted
      back in touch the choice from all votes replaces the one made alone
        served; all alone; all back; 5000; all serve sen1 in 2; record sen1 in 2
      back in touch the choice of a majority becomes the record where nothing calls it back
        all file manual; served; a,b alone; a,b see UU; a,b back; 20000; all serve sen1 in 2
      back in touch the record stays where only a minority left it
        served; a alone; a sees UU; a back; 20000; all serve sen2 in 1; a is trusted
      what one replica chose alone ends though nobody else says anything
        a begins UU; a decides; 100; a alone; a sees UU; a waits; a back; 30000; a is trusted
        a serves as recorded
      a choice made alone ends with a new file that balances the pool
        served; a cut; a sees SU; 10000; a serves sen1 in 1; a file balance; a sees UU; a back
        20000; record sen2 in 1; a serves sen2 in 1
      a replica whose new file balances the pool takes the role from nobody
        served; c file balance; c sees UU; 5000; c switches; c has no turn; record sen2 in 1
      alone the holder's name at another address does not stand for the holder
        served; a cut; 7000; a file moved; a sees UU; a decides; 10; a holds one of its file
      hold sends nothing and decides nothing out of touch
        d begins UU; d decides; 100; d suspends; d is ready; d cut; d sees SU; 6000
        d is unready; d has no turn; d serves sen2 in 1; d back; 5000; d is ready
        d serves sen1 in 2
      hold holds on while a replica that is out of touch ends
        d begins UU; d cut; 6000; d leaves; 100; d suspends; d is out of touch
      one that ends is in touch by what it reads, and does not count
        served; c leaves; 10000; c is in touch; c is trusted; c has no turn; c has an entry
        a counts a b; a,b see SU; 100; c serves sen1 in 2; c is trusted
      one that ends and cannot read what the others do is out of touch, and tells so
        served; c leaves; 10; c cut; c noted; 3900; c is trusted; 200; c is out of touch; c changed
        c is untrusted; a,b see SU; 100; c serves sen2 in 1; c noted; c back; 3000; c changed
        c is trusted; c serves sen1 in 2
      one that chose alone and ends follows the others again after six seconds
        served; c alone; c serves sen1 in 1; c leaves; c back; 5000; c serves sen1 in 1; 2500
        c serves sen2 in 1; c is trusted
      one that chose alone and ends follows the others at once if its choice is of no use
        served; c alone; c leaves; c sees US; c back; 2500; c serves sen2 in 1; c is trusted
      one that chose alone and ends keeps its choice while no other replica is there
        served; c alone; c leaves; a,b cut; c back; 20000; c serves sen1 in 1; c is untrusted
      one that chose alone as the others did, and ends, keeps its choice until it is the record
        all file manual; served; all alone; c leaves; c back; 9000; c serves sen1 in 1; all see UU
        a,b back; 5000; c serves sen1 in 1; 10000; all serve sen1 in 2; c is trusted
      one that is told to end while it follows another process leaves as it is to lead
        served; c follows; c leaves; 100; c has an entry; c leads; 100; c departs; 100
        c has no entry; c is in touch; c has no turn; a counts a b
      one that ends hears of a switch though its watch died silently
        served; c leaves; c deaf; a,b see SU; 100; c serves sen2 in 1; 2300; c serves sen1 in 2
        c is trusted
      one whose writes are refused as it ends reads on
        served; c reads only; 5000; c is out of touch; c leaves; 10; c is in touch; c is trusted
      one that ends is out of touch where its clocks part, until it has read again
        served; c leaves; 1000; the wall steps PT15S; c is out of touch; c is untrusted; 600
        c is in touch; c is trusted
      one that ends lists the register twice in four seconds, and watches it once
        served; c leaves; 100; c noted; 8000; c listed 4; c watched 0
      hold holds on in one that ends once it cannot read
        d begins UU; d decides; 100; d leaves; 10000; d is in touch; d is trusted; d cut; 4100
        d suspends; d is out of touch; d is untrusted
      a machine whose monotonic clock stood still is out of touch until its renewal is back
        served; the wall steps PT15S; a is out of touch; a is untrusted; a takes no commands; 600
        a is in touch; a is trusted; all serve sen2 in 1
      a clock that is set by hours ends contact for a moment and no role
        served; the wall steps PT-3H; a is out of touch; 600; a is in touch; the wall steps PT3H
        a is out of touch; 600; a is in touch; all serve sen2 in 1; a counts a b c
      contact that was lost never holds again, as what was published under it may be old
        served; a notes its contact; a cut; 5000; a back; 3000; a is in touch; a lost the noted
        a notes its contact; the wall steps PT15S; a lost the noted; 600; a is in touch
        a lost the noted; a notes its contact; 10000; a has the noted; a leaves; 100
        a has the noted; a cut; 5000; a back; 3000; a is in touch; a lost the noted
      a machine that stood still without a way to the register stays out of touch
        served; a cut; the wall steps PT15S; 600; a is out of touch; a serves sen2 in 1; a back
        5000; a is in touch
      a renewal that was under way as the machine stood still does not count
        served; a loses responses; 2500; the wall steps PT15S; 600; a is out of touch
      without the register it starts alone after ten seconds
        a cut; a begins UU; a monitors; 9980; a is unready; a has no turn; 20; a is ready
        a serves sen2 in 1; a is untrusted; a back; 10000; record sen2 in 1; a is trusted
      with a register that refuses its writes it starts alone after ten seconds
        a reads only; a begins UU; a monitors; 10000; a is ready; a serves sen2 in 1
        a is untrusted
      started alone it goes on from a record that came as it was about to choose
        a file manual; stored sen1 in 2; a cut; a begins UU; 10000; a is ready
        a notes what is agreed; a reads only; a back; 5000; a decides upon what was noted; done
        a serves sen1 in 2; a writes; 10000; a is trusted; a serves sen1 in 2; record sen1 in 2
      an operator's state holds at all replicas and survives a switch
        served; a sets sen2 DRAIN; 1000; done; all serve sen1 in 2; all have {sen2=DRAIN}
      two operators at once both get what they want
        served; a sets sen2 DRAIN; b sets sen1 MAINTENANCE; 1000; done
        c has {sen1=MAINTENANCE, sen2=DRAIN}
      two states asked of one replica are both set though the store takes its time
        served; a loses responses; a sets sen2 DRAIN; a sets sen1 DRAIN; 3000; done
        b has {sen1=DRAIN, sen2=DRAIN}
      before the first epoch a state that is ended stays so
        a begins SS; a sets sen1 DRAIN; 1000; a sets sen1 READY; 10000; a has {}
        record nobody in 0; record has {}
      an operator's state is forgotten an hour after the last replica's file has lost its server
        served; a sets sen1 DRAIN; 1000; a,b file alone; a,b see UU; 4000000; all have {sen1=DRAIN}
        c file alone; c sees UU; 3500000; all have {sen1=DRAIN}; 110000; all have {}; record has {}
      the state of the server that serves is kept though no file has it any more
        served; all wait; a sets sen2 DRAIN; 1000; all file backup; all see UU; 7200000
        record sen2 in 1; record has {sen2=DRAIN}
      an operator's state is kept for a server that comes back within the hour
        served; a sets sen1 DRAIN; 1000; all file alone; all see UU; 3500000; b file plain
        b sees UU; 1000; b file alone; b sees UU; 3500000; all have {sen1=DRAIN}; 200000
        all have {}
      an operator's state is forgotten by no replica that is out of touch
        served; a sets sen1 DRAIN; 1000; all file alone; all see UU; 1000; all cut; 4000000
        record has {sen1=DRAIN}
      an operator's state is not known if the register may have got it and stays away
        served; a cut; a sets sen2 DRAIN; 7900; waiting; 3000; unknown; a has {}
      an operator's state whose answer was lost is known once the register can be read
        served; a deaf; a loses responses; a sets sen2 DRAIN; 500; a cut; 2000; waiting
        b has {sen2=DRAIN}; a hears; a back; 3000; done; a has {sen2=DRAIN}
      an operator's state whose answer was lost is known if the watch has told it
        served; a loses responses; a sets sen2 DRAIN; 500; a cut; 1600; done
      an operator's state that did not reach the register is written once that is back
        served; a cut; a sets sen2 DRAIN; 3000; waiting; a back; 3000; done; b has {sen2=DRAIN}
      an operator's state that the register refuses fails at once
        served; a reads only; a sets sen2 DRAIN; 100; failed; known; a has {}
      a replica that sees less turns unready after seven seconds, and ready at once
        served; a sees SU; 6900; a is ready; 200; a is unready; b is ready; a sees UU; 10
        a is ready
      the first by name of the living replicas does what one does for all
        b begins UU; b is first; a begins UU; 100; a is first; b is other; c begins UU; 100; c is other
        a leaves; 100; b is first; a is other; c is other
      a first replica that is cut off is not the first, and soon the next one is
        served; a is first; a cut; 7000; a is other; b is first; a back; 5000; a is first; b is other
      out of touch no replica is unready
        served; a sees SU; 8000; a is unready; a cut; 6000; a is ready
      """)
  void what_replicas_agree_on(Scenario scenario) {
    scenario.play(this::play);
  }

  private void play(Scenario.Words words) {
    switch (words.at(0)) {
      case "served" -> served();
      case "settle" -> loop.settle();
      case "the" -> loop.stepWall(Duration.parse(words.at(3)));
      case "stored" -> overwrite(held(identity(words.at(1)), words.number(3)));
      case "delete" -> delete(RECORD);
      case "old" -> say("old", null);
      case "turns" ->
          assertThat(replicas(words.at(1)))
              .extracting(each -> String.valueOf(each.turn().orElseThrow().toMillis()))
              .containsExactlyInAnyOrder(words.from(2).split(" ", -1));
      case "written" -> assertThat(recordWrites()).isEqualTo(words.number(1));
      case "record" -> {
        if (words.at(1).equals("has")) {
          assertThat(record().operatorStates().states()).hasToString(words.from(2));
        } else {
          assertThat(record().holder()).isEqualTo(identity(words.at(1)));
          assertThat(record().epoch()).isEqualTo(words.number(3));
        }
      }
      case "done" ->
          assertThat(calls)
              .isNotEmpty()
              .allMatch(call -> call.isDone() && !call.isCompletedExceptionally());
      case "failed" -> assertThat(calls.getLast()).isCompletedExceptionally();
      case "waiting" -> assertThat(calls.getLast()).isNotDone();
      case "unknown" -> assertThat(failure()).isInstanceOf(NotKnownException.class);
      case "known" -> assertThat(failure()).isNotInstanceOf(NotKnownException.class);
      default -> {
        if (Character.isDigit(words.at(0).charAt(0))) {
          loop.advance(words.number(0));
        } else {
          replicas(words.at(0)).forEach(each -> play(each, words));
        }
      }
    }
  }

  /** Why the last call failed. */
  private Throwable failure() {
    return calls.getLast().exceptionNow();
  }

  private void play(Replica each, Scenario.Words words) {
    String object = words.from(2);
    switch (words.at(1)) {
      case "begins", "begin" -> each.begin(object);
      case "lacks" -> each.agreement.exist(List.of(), Set.of());
      case "notes" -> {
        noted = each.agreed();
        notedContact = each.agreement.contact();
      }
      case "lost" -> assertThat(notedContact.holds()).isFalse();
      case "changes" -> calls.add(each.propose(noted, noted));
      case "starts" -> each.agreement.start(loop, each);
      case "pass" -> {
        Duration turn = each.turn().orElseThrow();
        assertThat(each.agreement.turn(SENSE, 1).orElseThrow().equals(turn))
            .isEqualTo(object.equals("no calls on"));
      }
      case "synced" -> each.agreement.synced();
      case "file" -> each.file = FILES.get(object);
      case "sees", "see" -> {
        if (object.equals("another pool")) {
          anotherPoolFlaps(each);
        } else {
          each.see(object);
        }
      }
      case "decides", "decide" -> {
        if (object.equals("upon what was noted")) {
          calls.add(each.proposeUpon(noted));
        } else {
          each.decide();
        }
      }
      case "monitors" -> each.deciding = true;
      case "waits", "wait" -> each.deciding = false;
      case "proposes" -> calls.add(each.propose());
      case "sets" ->
          calls.add(
              each.agreement.operatorState(
                  SENSE,
                  new ServerId(words.at(2)),
                  OperatorState.valueOf(words.at(3)),
                  null,
                  null));
      case "follows" -> each.agreement.follow();
      case "leads" -> each.agreement.lead();
      case "leaves", "leave" -> each.agreement.leave();
      case "departs" -> each.agreement.depart();
      case "cut" -> each.line.cut = true;
      case "back" -> each.line.cut = false;
      case "deaf" -> each.line.deaf = true;
      case "hears" -> each.line.deaf = false;
      case "loses" -> each.line.responsesLost = true;
      case "reads" -> each.line.readOnly = true;
      case "writes" -> each.line.readOnly = false;
      case "alone" -> actAlone(each);
      case "noted" -> {
        each.changes = 0;
        each.line.lists = 0;
        each.line.watches = 0;
      }
      case "listed" -> assertThat(each.line.lists).isEqualTo(words.number(2));
      case "watched" -> assertThat(each.line.watches).isEqualTo(words.number(2));
      case "changed" -> assertThat(each.changes).isPositive();
      case "serves", "serve" ->
          assertThat(each.serving())
              .isEqualTo(
                  object.equals("as recorded")
                      ? record().holder().id() + " in " + record().epoch()
                      : object);
      case "stays" -> assertThat(each.choice()).isInstanceOf(Choice.Stay.class);
      case "switches" -> assertThat(each.choice()).isInstanceOf(Choice.Switch.class);
      case "counts" -> assertThat(String.join(" ", counted(each))).isEqualTo(object);
      case "suspects", "suspect" -> assertThat(String.join(", ", each.suspected)).isEqualTo(object);
      case "suspends" -> assertThat(each.agreement.suspends()).isTrue();
      case "shows" ->
          assertThat(each.agreement.status().pools())
              .extracting(pool -> pool.holder() + " " + pool.local())
              .containsExactly(object);
      case "takes" -> assertThat(each.agreement.whyNoCommands()).isPresent();
      case "announced" ->
          assertThat(each.line.announced).hasSize(1).first().asString().startsWith(object);
      case "says", "say" -> assertThat(agreed(each).evidence().replace(';', ',')).contains(object);
      case "failed" -> {
        assertThat(agreed(each).reason()).isEqualTo(SwitchReason.FAILBACK);
        assertThat(each.roleState().failbacks()).isEqualTo(1);
        assertThat(each.roleState().lastFailback()).as("when it saw it").isNotNull();
      }
      case "holds" -> {
        List<Server> servers = object.equals("moved") ? List.of(MOVED_MASTER) : each.file.servers();
        assertThat(servers).anyMatch(agreed(each)::isOf);
      }
      case "is", "are" -> checkState(each, object);
      case "has", "have" -> checkPossession(each, object);
      default -> throw new IllegalArgumentException(words.at(1));
    }
  }

  private void anotherPoolFlaps(Replica each) {
    Pool other = Scene.pool(new PoolId("other"), MASTER_SERVER, BACKUP_SERVER);
    flapped = !flapped;
    each.agreement.report(other, other, Scene.seen(flapped ? "SU" : "UU"));
    assertThat(each.agreement.turn(other.id(), 0)).as("its own turn").isEmpty();
  }

  private void checkState(Replica each, String state) {
    switch (state) {
      case "ready", "unready" ->
          assertThat(each.agreement.ready()).isEqualTo(state.equals("ready"));
      case "trusted", "untrusted" ->
          assertThat(each.agreement.isEpochTrusted(SENSE)).isEqualTo(state.equals("trusted"));
      case "in touch", "out of touch" ->
          assertThat(each.agreement.contact().holds()).isEqualTo(state.equals("in touch"));
      case "first", "other" ->
          assertThat(each.agreement.isFirst()).isEqualTo(state.equals("first"));
      case "admitted" -> assertThat(each.refused).isNull();
      case "refused" -> assertThat(each.refused).contains("replica a", "must be unique");
      default -> throw new IllegalArgumentException(state);
    }
  }

  private void checkPossession(Replica each, String object) {
    switch (object) {
      case "its turn" -> assertThat(each.turn()).contains(Duration.ZERO);
      case "a turn" -> assertThat(each.turn()).isPresent();
      case "the noted" -> assertThat(notedContact.holds()).isTrue();
      case "no turn" -> assertThat(each.turn()).isEmpty();
      case "an entry", "no entry" ->
          assertThat(store.get(INSTALLATION, RegisterKey.voter(each.name)).isEmpty())
              .isEqualTo(object.equals("no entry"));
      default ->
          assertThat(new TreeMap<>(each.agreement.operatorStates(SENSE).states()))
              .hasToString(object);
    }
  }

  private static @Nullable ServerIdentity identity(String server) {
    return switch (server) {
      case "sen1" -> BACKUP_IDENTITY;
      case "sen2" -> MASTER_IDENTITY;
      default -> null;
    };
  }

  private static AgreedRole agreed(Replica replica) {
    return replica.agreement.agreed(SENSE).orElseThrow();
  }

  /** By their letters, of which those that are not there yet are made. */
  private List<Replica> replicas(String letters) {
    List<Replica> all = List.of(a, b, c);
    return switch (letters) {
      case "all" -> all;
      case "rest" -> all.stream().filter(each -> each != replica("first")).toList();
      default -> Stream.of(letters.split(",", -1)).map(this::replica).toList();
    };
  }

  private Replica replica(String letter) {
    return switch (letter) {
      case "a" -> a;
      case "b" -> b;
      case "c" -> c;
      case "d" -> others.computeIfAbsent(letter, d -> new Replica("d", loop, store, OnLoss.HOLD));
      case "f" -> others.computeIfAbsent(letter, f -> new Replica("d", loop, store));
      case "first" -> others.computeIfAbsent(letter, first -> first());
      case "x" ->
          others.computeIfAbsent(
              letter, x -> new Replica("a", loop, store, OnLoss.LOCAL, "second-run"));
      default -> throw new IllegalArgumentException(letter);
    };
  }

  @Test
  void one_of_two_replicas_that_propose_at_once_follows_the_other() {
    begin();
    CompletableFuture<AgreedRole> first = a.propose();
    CompletableFuture<AgreedRole> second = b.propose();
    loop.settle();
    assertThat(first.join().decidedBy()).isEqualTo("a");
    assertThat(second.join()).isEqualTo(first.join());
    assertThat(c.agreement.agreed(SENSE)).contains(first.join());
    loop.advance(100);
    assertThat(b.agreement.status().conflicts()).isEqualTo(1);
    assertThat(b.line.announced).isEmpty();
  }

  @Test
  void readiness_does_not_fall_when_all_entries_are_deleted() {
    served();
    List<Boolean> ready = new ArrayList<>();
    for (RegisterEntry entry : store.list(INSTALLATION).entries()) {
      store.delete(INSTALLATION, entry.key(), entry.revision());
      ready.add(a.agreement.ready());
    }
    for (int i = 0; i < 3_000; i++) {
      loop.advance(1);
      ready.add(a.agreement.ready() && b.agreement.ready() && c.agreement.ready());
    }
    assertThat(ready).containsOnly(true);
    assertThat(serving()).containsOnly("sen2 in 2");
    assertThat(counted(a)).containsExactly("a", "b", "c");
  }

  @Test
  void a_pool_that_was_renamed_and_removed_out_of_touch_is_told_once_and_keeps_nobody_busy() {
    Pool renamed = Scene.pool(new PoolId("renamed"), MASTER_SERVER, BACKUP_SERVER);
    served();
    a.line.cut = true;
    loop.advance(7_000);
    a.agreement.exist(List.of(renamed), Set.of());
    a.agreement.report(renamed, renamed, Scene.seen("UU"));
    a.agreement.exist(List.of(), Set.of());
    loop.advance(1_000);
    a.line.cut = false;
    loop.advance(5_000);
    assertThat(a.agreement.contact().holds()).isTrue();
  }

  @Test
  void a_pause_ends_touch_before_any_timer_runs() {
    served();
    loop.pause(0);
    long before = loop.nanoTime();
    assertThat(a.agreement.contact().holds()).isTrue();
    loop.pause(10_000);
    assertThat(loop.nanoTime() - before).isEqualTo(10_000_000_000L);
    assertThat(a.choice()).isInstanceOf(Choice.Stay.class);
    loop.advance(100);
    assertThat(a.agreement.contact().holds()).isTrue();
    assertThat(counted(a)).containsExactly("a", "b", "c");
  }

  @Test
  void a_majority_that_has_taken_its_choice_back_before_the_turn_came_is_not_followed() {
    List<String> names = List.of("a", "b", "c");
    String last =
        names.stream()
            .filter(name -> Ranking.rank(SENSE, name, names, 0) == 2)
            .findFirst()
            .orElseThrow();
    List<String> others = names.stream().filter(name -> !name.equals(last)).toList();
    overwrite(held(MASTER_IDENTITY, 1));
    Replica replica = new Replica(last, loop, store);
    replica.file = manual();
    replica.begin("UU");
    actAlone(replica);
    replica.see("UU");
    replica.line.cut = false;
    while (!replica.agreement.contact().holds()) {
      loop.advance(1);
    }
    Ballot.Acted acted = new Ballot.Acted(Optional.of(BACKUP_IDENTITY), 1);
    for (int i = 0; i < 6; i++) {
      others.forEach(other -> say(other, acted));
      loop.advance(1_000);
    }
    loop.advance(100);
    assertThat(replica.serving()).isEqualTo("sen1 in 1");
    others.forEach(other -> say(other, null));
    loop.advance(1_000);
    assertThat(record()).isEqualTo(stored("sen2", 1));
    assertThat(replica.serving()).isEqualTo("sen2 in 1");
  }

  @Test
  void a_switch_to_what_was_chosen_alone_does_not_give_one_epoch_two_holders() {
    served();
    actAlone(a);
    a.see("UU");
    a.line.cut = false;
    while (!a.agreement.contact().holds()) {
      loop.advance(10);
    }
    loop.advance(2_500);
    assertThat(a.serving()).isEqualTo("sen1 in 1");
    Choice pin = Failover.switchTo(a.file, a.view(), a.roleState(), BACKUP).orElseThrow();
    AgreedRole current = agreed(a);
    CompletableFuture<AgreedRole> pinned = a.propose(current.with(pin.roleState()), current);
    loop.settle();
    assertThat(pinned).isDone();
    boolean otherHolder = BACKUP_IDENTITY.equals(record().holder());
    assertThat(otherHolder && record().epoch() == 1).as("%s", record()).isFalse();
  }

  @Test
  void alone_nobody_serves_in_no_earlier_epoch_than_a_server_did_though_nothing_was_agreed_on() {
    a.line.cut = true;
    a.begin("UU");
    loop.advance(40_000);
    a.decide();
    loop.advance(10);
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    RoleState nobody = new RoleState(null, 2, null, 0, null, RoleMemory.NONE);
    assertThat(a.propose(agreed(a).with(nobody), agreed(a))).isCompleted();
    assertThat(a.serving()).isEqualTo("nobody in 1");
  }

  @Test
  void a_pin_is_ended_by_a_replica_whose_file_does_not_know_the_holder() {
    served();
    AgreedRole current = agreed(a);
    RoleState pinned = new RoleState(MASTER, 1, MASTER, 0, null, RoleMemory.NONE);
    a.propose(current.with(pinned), current);
    loop.settle();
    assertThat(c.roleState().pinned()).isEqualTo(MASTER);
    c.file = Scene.pool(SENSE, BACKUP_SERVER);
    c.see("UU");
    loop.advance(100);
    AgreedRole now = agreed(c);
    c.propose(now.with(now.roleState().unpinned()), now);
    loop.settle();
    assertThat(record().holder()).isEqualTo(MASTER_IDENTITY);
    assertThat(a.roleState()).isEqualTo(new RoleState(MASTER, 1, null, 0, null, RoleMemory.NONE));
  }

  @Test
  void what_a_later_version_wrote_survives_every_write_of_this_one() {
    served();
    loop.advance(1_000);
    RegisterEntry entry = store.get(INSTALLATION, RECORD).orElseThrow();
    Map<String, String> attributes = new HashMap<>(entry.document().attributes());
    attributes.put("moon", "full");
    RegisterDocument later =
        new RegisterDocument(
            entry.document().holder(),
            entry.document().transitions(),
            entry.document().acquired(),
            entry.document().renewed(),
            attributes);
    store.compareAndSet(INSTALLATION, RECORD, later, entry.revision());
    loop.advance(1_000);
    a.agreement.operatorState(SENSE, BACKUP, OperatorState.DRAIN, null, null);
    loop.advance(1_000);
    assertThat(record().operatorStates().of(BACKUP)).isEqualTo(OperatorState.DRAIN);
    b.agreement.operatorState(SENSE, BACKUP, OperatorState.READY, null, null);
    loop.advance(1_000);
    AgreedRole current = agreed(b);
    Choice pin = Failover.switchTo(b.file, b.view(), b.roleState(), BACKUP).orElseThrow();
    b.propose(current.withPin(pin.roleState(), null), current);
    loop.advance(1_000);
    delete(RECORD);
    loop.advance(3_000);
    assertThat(record().epoch()).isPositive();
    assertThat(store.get(INSTALLATION, RECORD).orElseThrow().document().attributes())
        .containsEntry("moon", "full");
  }

  @Test
  void operators_acts_are_announced_by_the_replica_that_wrote_them_with_name_and_reason() {
    served();
    loop.advance(1_000);
    List.of(a, b, c).forEach(replica -> replica.line.announced.clear());
    Operator alice = new Operator("alice", "disk swap");
    a.agreement.operatorState(SENSE, MASTER, OperatorState.DRAIN, null, alice);
    loop.advance(1_000);
    AgreedRole current = agreed(b);
    Choice pin = Failover.switchTo(b.file, b.view(), b.roleState(), BACKUP).orElseThrow();
    b.propose(current.withPin(pin.roleState(), new Operator("bob", null)), current);
    loop.advance(1_000);
    List<String> all = new ArrayList<>();
    List.of(a, b, c).forEach(replica -> all.addAll(replica.line.announced));
    assertThat(all)
        .containsExactlyInAnyOrder(
            "OperatorState: An operator set server sen2 to drain, by alice: disk swap",
            "Operator: Server sen1 serves in epoch 2: OPERATOR (an operator set server sen2 to"
                + " drain), by alice: disk swap",
            "Pinned: An operator pinned server sen1, which serves in epoch 2, by bob");
    assertThat(a.line.announced)
        .contains("OperatorState: An operator set server sen2 to drain, by alice: disk swap");
  }

  private Replica first() {
    return Stream.of(a, b, c)
        .filter(each -> each.turn().equals(Optional.of(Duration.ZERO)))
        .findFirst()
        .orElseThrow();
  }

  private static Pool manual() {
    FailbackSettings failback = TestSettings.failback(Policy.MANUAL, Duration.ofSeconds(30));
    return Scene.pool(SENSE, failback, MASTER_SERVER, BACKUP_SERVER);
  }

  /** Another replica, of which there is an entry only, finds both servers UP. */
  private void say(String replica, Ballot.@Nullable Acted acted) {
    RegisterKey key = RegisterKey.voter(replica);
    Ballot ballot = Scene.ballot("UU", 0, MASTER_SERVER, BACKUP_SERVER);
    Voter voter = Scene.voter(replica, true, new Ballot(1, acted, ballot.votes()));
    store.compareAndSet(
        INSTALLATION,
        key,
        VoterCodec.write(voter, loop.now(), loop.now()),
        store.get(INSTALLATION, key).map(RegisterEntry::revision).orElse(0L));
  }

  private void begin() {
    List.of(a, b, c).forEach(each -> each.begin("UU"));
  }

  /** All decide as monitors do; the master serves in epoch 1. */
  private void served() {
    begin();
    List.of(a, b, c).forEach(Replica::decide);
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen2 in 1");
  }

  /** Cut off, it finds the master silent. */
  private void actAlone(Replica replica) {
    replica.line.cut = true;
    loop.advance(5_500);
    replica.see("SU");
    replica.decide();
    loop.advance(1_500);
    assertThat(replica.serving()).isEqualTo("sen1 in 1");
  }

  private List<String> serving() {
    return List.of(a.serving(), b.serving(), c.serving());
  }

  private List<String> counted(Replica replica) {
    loop.advance(60);
    return replica.counted();
  }

  private int recordWrites() {
    return a.line.recordWrites + b.line.recordWrites + c.line.recordWrites;
  }

  private PoolRecord record() {
    return RecordCodec.read(store.get(INSTALLATION, RECORD).orElseThrow().document());
  }

  /** The record as it is stored, if these are its holder and epoch. */
  private PoolRecord stored(String holder, long epoch) {
    PoolRecord record = record();
    assertThat(record.holder()).isNotNull();
    assertThat(record.holder().id() + " in " + record.epoch()).isEqualTo(holder + " in " + epoch);
    return record;
  }

  private void delete(RegisterKey key) {
    RegisterEntry entry = store.get(INSTALLATION, key).orElseThrow();
    store.delete(INSTALLATION, key, entry.revision());
  }

  private void overwrite(PoolRecord record) {
    long revision = store.get(INSTALLATION, RECORD).map(RegisterEntry::revision).orElse(0L);
    store.compareAndSet(
        INSTALLATION, RECORD, RecordCodec.write(record, null, loop.now()), revision);
  }
}
