package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.quorum.ScriptedRegister.Call;
import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a replica writes what it tells the others. Renewals are every 2 s, without jitter. */
class VoterWriterTest {
  private static final RandomGenerator MIDDLE = () -> 1L << 63;
  private static final RegisterKey ME = RegisterKey.voter("me");

  private int wanted;
  private long mark;
  private final FakeLoop loop = new FakeLoop();
  private final ScriptedRegister register = new ScriptedRegister();
  private final List<String> heard = new ArrayList<>();
  private final RegisterCache cache = new RegisterCache(register, loop, MIDDLE, new FromFeed());
  private final VoterWriter own =
      new VoterWriter(
          register,
          loop,
          cache,
          new QuorumSettings("me", "run-2", "pod-1", Duration.ofSeconds(2), OnLoss.LOCAL),
          MIDDLE,
          () -> voter("run-2", "pod-1", wanted),
          new FromVoter());

  /**
   * Numbers alone are milliseconds that pass. An entry is its revision, incarnation and pod, as
   * {@code 7=run-1/pod-1}. {@code begun}: the first write has revision 11, and has come back.
   */
  @Scenario.Each(
      """
      the first write creates the entry
        begin 10; upon 0; start; writes 1
      it is renewed every two seconds, each upon the one before
        begun; 1999; writes 1; 1; writes 2; upon 11; written 15; 2000; upon 15
      a renewal counts from when it was sent, once it came back
        begin 10; mark; 200; written 11; heard nothing; told 11; renewed since mark
      a renewal whose echo was quicker than its response counts too
        begin 10; mark; told 11; heard nothing; written 11; renewed since mark
      changes are written within three milliseconds, and together
        begun; want 1; 2; want 2; writes 1; 1; writes 2; says 2; 100; writes 2
      a change that was taken back is not written
        begun; want 1; want 0 silently; 100; writes 1
      a change during a write follows it
        begun; want 1; 3; want 2; 500; writes 2; written 12; 3; writes 3; says 2; upon 12
      a change puts the next renewal off
        begun; 1500; want 1; 3; written 12; told 12; 1999; writes 2; 1; writes 3
      nothing is written before the first list
        want 1; 10000; writes 0
      a failure is tried again soon, with what is wanted then
        begun; 2000; fail UNCERTAIN; want 1; 49; writes 2; 1; writes 3; says 1
        fail REFUSED; 499; writes 3; 1; writes 4; heard failed, failed
      Retry-After is honoured, also by changes
        begun; 2000; fail REFUSED 3; want 1; 2999; writes 2; 1; writes 3
      a write that was carried out though it seemed to fail is found by the conflict
        begun; 2000; fail UNCERTAIN; 50; upon 11; fail CONFLICT; found 14=run-2/pod-1
        500; upon 14; written 15; told 15; name kept
      an entry of this run that was not written upon the last own one counts for nothing
        begun; deleted 12; fail UNCERTAIN; 500; fail CONFLICT; forget
        found 14=run-2/pod-1; told 14; heard nothing
      a conflict whose read fails is tried again
        begun; 2000; fail CONFLICT; read fails; 2200; writes 3
      without an echo it is read after 300 ms, and all is listed only if the watch is behind
        begin 10; written 11; 299; reads 0; 1; reads 1
        told 11; found 11=run-2/pod-1; lists 1
      a watch that died in silence leads to a list
        begin 10; written 11; 300; found 11=run-2/pod-1; lists 2; watch ended
        listed 20 11=run-2/pod-1; renewed
      an echo in time leads to no read
        begun; 1999; reads 0
      a process that takes the entry back writes upon what the other one wrote
        begun; hold; 1000; seen 15=run-2/pod-1; resume; writes 2; upon 15; written 16; told 16
        1999; writes 2; reads 0; 1; writes 3
      a process that holds before it has begun writes once it takes the entry
        hold; begin 10 7=run-2/pod-1; 3000; writes 0; resume; writes 1; upon 7
      without a response to the read it goes on
        begin 10; written 11; 300; read fails; 2000; writes 2; lists 1
      an entry that others deleted is created anew at once
        begun; deleted 12; writes 2; upon 0
      an entry that is deleted during a write is created anew
        begun; 2000; deleted 12; writes 2; fail CONFLICT; found nothing; 500; writes 3; upon 0
      leaving deletes the entry and writes it no more
        begun; leave; deletions 1 upon 11; deletion done; deleted 12; want 1; leave
        20000; writes 1; deletions 1 upon 11
      leaving during a write deletes what it wrote
        begun; 2000; leave; deletions 0; written 12; deletions 1 upon 12; 20000; writes 2
      leaving during a write of which nothing is known deletes what is found
        begun; 2000; leave; fail UNCERTAIN; found 13=run-2/pod-1; deletions 1 upon 13
      leaving after a write that seemed to fail deletes what is found
        begun; 2000; fail UNCERTAIN; leave; deletion fails; found 13=run-2/pod-1
        deletions 2 upon 13
      leaving deletes no other entry
        begun; leave; deletion fails; found 13=run-3/pod-3; 20000; deletions 1 upon 11
        name kept
      leaving before the first write writes nothing
        leave; begin 10; 20000; writes 0; deletions 0
      a past of its own pod is taken over at once
        begin 10 7=run-1/pod-1; writes 1; upon 7
      a past whose pod is unknown is taken over after silence
        begin 10 7=run-1/; want 0; 5999; writes 0; 1; found 7=run-1/; writes 1; upon 7
        name kept
      a name that another process goes on to use is not taken
        begin 10 7=run-1/; 1000; seen 11=run-1/; 5000; found 11=run-1/
        heard nameTaken; 20000; writes 0
      a name whose process left meanwhile is taken
        begin 10 7=run-1/; 1000; deleted 11; 5000; found nothing; writes 1; upon 0
      a process that took the name over and goes on ends this one
        begun; pause 10000; fail CONFLICT; found 20=run-3/pod-3; 5999; writes 2; 1
        found 26=run-3/pod-3; name taken; 20000; writes 2
      a backup of the store from before this process does not end it
        begun; 2000; fail CONFLICT; found 5=run-1/; 6000; found 5=run-1/; name kept; upon 5
      a store that was set back is listed, and echoes count only from there on
        begun; told 100; forget; 2000; fail CONFLICT; found 4=run-2/pod-1; lists 2
        500; upon 4; written 6; not renewed; forget; listed 6 6=run-2/pod-1; renewed
        watched from 6
      a write into a store that was set back counts once it was listed
        begun; 2000; written 200; 2000; forget; written 6; heard nothing
        listed 6 6=run-2/pod-1; renewed
      """)
  void what_is_written_and_when(Scenario scenario) {
    scenario.play(this::play);
  }

  private void play(Scenario.Words words) {
    switch (words.at(0)) {
      case "begin" -> begin(words.number(1), entries(words.at(2)));
      case "begun" -> begun();
      case "start" -> own.start();
      case "want" -> {
        wanted = words.number(1);
        if (words.at(2).isEmpty()) {
          own.changed();
        }
      }
      case "leave" -> own.leave();
      case "hold" -> own.hold();
      case "resume" -> own.resume();
      case "pause" -> loop.pause(words.number(1));
      case "mark" -> mark = loop.nanoTime();
      case "forget" -> heard.clear();
      case "written" -> write().succeed((long) words.number(1));
      case "fail" -> {
        Duration wait = words.at(2).isEmpty() ? null : Duration.ofSeconds(words.number(2));
        write().fail(new RegisterException(Reason.valueOf(words.at(1)), "as wanted", wait, null));
      }
      case "told" -> told(words.number(1));
      case "seen" -> register.watch().listener.changed(entries(words.at(1))[0]);
      case "deleted" -> register.watch().listener.deleted(ME, words.number(1));
      case "listed" -> listed(words.number(1), entries(words.at(2)));
      case "found" -> found(words.at(1).equals("nothing") ? null : entries(words.at(1))[0]);
      case "read" -> register.gets.getLast().fail(Reason.UNCERTAIN);
      case "deletion" -> {
        if (words.at(1).equals("done")) {
          register.deletions.getLast().succeed(null);
        } else {
          register.deletions.getLast().fail(Reason.CONFLICT);
        }
      }
      case "writes" -> assertThat(register.writes).hasSize(words.number(1));
      case "upon" -> {
        assertThat(write().key()).isEqualTo(ME);
        assertThat(write().expected()).isEqualTo(words.number(1));
      }
      case "says" -> assertThat(said()).isEqualTo(words.number(1));
      case "reads" -> assertThat(register.gets).hasSize(words.number(1));
      case "lists" -> assertThat(register.lists).hasSize(words.number(1));
      case "deletions" -> {
        assertThat(register.deletions).hasSize(words.number(1));
        if (words.at(2).equals("upon")) {
          assertThat(register.deletions.getLast().expected()).isEqualTo(words.number(3));
        }
      }
      case "heard" ->
          assertThat(String.join(", ", heard)).isEqualTo(words.from(1).replace("nothing", ""));
      case "renewed" -> {
        String since = words.at(1).isEmpty() ? "" : mark + " ";
        assertThat(heard).hasSize(1);
        assertThat(heard.getFirst() + " ").startsWith("renewed " + since);
      }
      case "not" -> assertThat(heard).noneMatch(word -> word.startsWith("renewed"));
      case "name" -> assertThat(heard.contains("nameTaken")).isEqualTo(words.at(1).equals("taken"));
      case "watch" -> assertThat(register.watches.getFirst().closed).isTrue();
      case "watched" -> assertThat(register.watch().from).isEqualTo(words.number(2));
      default -> loop.advance(words.number(0));
    }
    loop.settle();
  }

  /** As with a store that takes longer than a call may. */
  @Test
  void a_write_that_landed_late_counts_from_when_it_was_sent_again_and_again() {
    begun();
    long landed = 11;
    for (int i = 0; i < 3; i++) {
      long sent = nextWrite();
      write().fail(Reason.UNCERTAIN);
      nextWrite();
      write().fail(Reason.CONFLICT);
      loop.settle();
      heard.clear();
      landed += 3;
      found(entry(landed, "run-2", "pod-1"));
      assertThat(heard).as("not before it is back on the watch").isEmpty();
      told(landed);
      assertThat(heard).containsExactly("renewed " + sent);
    }
  }

  @Test
  void a_pause_while_it_waits_takes_no_name_that_is_in_use() {
    begin(10, entry(7, "run-1", ""));
    loop.pause(10_000);
    found(entry(15, "run-1", ""));
    register.writes.forEach(write -> write.fail(Reason.CONFLICT));
    loop.settle();
    assertThat(register.writes.stream().filter(write -> write.expected() == 15)).isEmpty();
  }

  /** Listed at that revision; the first write is under way. */
  private void begin(long revision, RegisterEntry... entries) {
    cache.resync();
    listed(revision, entries);
  }

  /** The first write has revision 11, and has come back. */
  private void begun() {
    begin(10);
    write().succeed(11L);
    loop.settle();
    register.watch().listener.changed(entry(11, "run-2", "pod-1"));
    loop.settle();
    heard.clear();
  }

  private void listed(long revision, RegisterEntry... entries) {
    register.lists.getLast().succeed(new RegisterListing(List.of(entries), revision));
    loop.settle();
  }

  /** Lets time pass until something is written; returns when. */
  private long nextWrite() {
    int before = register.writes.size();
    while (register.writes.size() == before) {
      loop.advance(1);
    }
    return loop.nanoTime();
  }

  private Call<Long> write() {
    return register.writes.getLast();
  }

  private int said() {
    return Integer.parseInt(VoterCodec.read("me", write().document()).pod().substring(6));
  }

  private void told(long revision) {
    register.watch().listener.progress(revision);
    loop.settle();
  }

  /** What all that was asked for is found to be. */
  private void found(@Nullable RegisterEntry entry) {
    register.gets.forEach(get -> get.succeed(Optional.ofNullable(entry)));
    loop.settle();
  }

  private static RegisterEntry[] entries(String text) {
    if (text.isEmpty()) {
      return new RegisterEntry[0];
    }
    String[] parts = text.split("[=/]", -1);
    return new RegisterEntry[] {entry(Long.parseLong(parts[0]), parts[1], parts[2])};
  }

  private static RegisterEntry entry(long revision, String incarnation, String pod) {
    RegisterDocument document = VoterCodec.write(voter(incarnation, pod, 0), NOW, NOW);
    return new RegisterEntry(ME, revision, document);
  }

  private static Voter voter(String incarnation, String pod, int said) {
    boolean own = incarnation.equals("run-2") && said > 0;
    return new Voter(
        "me", incarnation, own ? pod + "#" + said : pod, Stage.DECIDING, true, Map.of(), Set.of());
  }

  private final class FromFeed implements RegisterCache.Listener {
    @Override
    public void changed(RegisterEntry entry) {}

    @Override
    public void deleted(RegisterKey key) {
      own.deleted();
    }

    @Override
    public void progress() {
      own.start();
      own.progress();
    }

    @Override
    public void listed(long sent) {}

    @Override
    public void failed(String why) {}
  }

  private final class FromVoter implements VoterWriter.Listener {
    @Override
    public void renewed(long sent) {
      heard.add("renewed " + sent);
    }

    @Override
    public void failed(String why) {
      heard.add("failed");
    }

    @Override
    public void nameTaken() {
      heard.add("nameTaken");
    }
  }
}
