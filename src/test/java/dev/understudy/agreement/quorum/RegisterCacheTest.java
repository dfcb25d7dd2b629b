package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.ScriptedRegister.Watching;
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
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The register's content as a replica knows it, by a list, a watch and single reads. */
class RegisterCacheTest {
  private static final RandomGenerator MIDDLE = () -> 1L << 63;

  private final FakeLoop loop = new FakeLoop();
  private final ScriptedRegister register = new ScriptedRegister();
  private final List<String> heard = new ArrayList<>();
  private final RegisterCache cache = new RegisterCache(register, loop, MIDDLE, new Hearing());
  private long mark;
  private long known;

  /**
   * Numbers alone are milliseconds that pass. {@code begin}: listed, and what was heard is
   * forgotten. What the watch tells is {@code seen}, {@code gone}, {@code progress} and {@code
   * ended}; what a single read does, {@code read}. Of the first watch is what is {@code late}.
   */
  @Scenario.Each(
      """
      nothing is known before the first list
        resync; settle; unlisted; watches 0; listed 5 a@3; revision 5; heard a@3, progress; from 5
      a list that fails is tried again
        resync; fail UNCERTAIN; 49; lists 1; 1; lists 2; fail REFUSED; 500; lists 3
        heard failed, failed
      Retry-After is honoured
        resync; fail UNCERTAIN 3; 2999; lists 1; 1; lists 2
      there is one list at a time
        resync; resync; 5000; lists 1
      a list replaces everything
        begin 5 a@3 b@4; resync; listed 9 b@8; heard b@8, a gone, progress; no a; closed; from 9
      entries that a list finds unchanged are not reported again
        begin 5 a@3; resync; listed 9 a@3; heard progress
      a list of a store that was set back replaces everything too
        begin 50 a@40 b@45; resync; listed 7 a@6; heard a@6, b gone, progress; revision 7
        seen b@8; settle; is b@8
      changes are reported in order and each moves progress on
        begin 5 a@3; seen b@6; seen a@7; gone b@8; progress 12; settle
        heard b@6, progress, a@7, progress, b gone, progress, progress; revision 12
      an older change after a single read is not taken, and the same is not reported again
        begin 5 a@3; read a@8; seen a@6; settle; is a@8; heard a@8, progress; seen a@8; settle
        heard a@8, progress, progress
      an older deletion after a single read is not taken, as it was created anew
        begin 5 a@3; read a@8; gone a@7; settle; is a@8
      an older single read is not taken
        begin 5 a@3; seen a@6; settle; read a@4; is a@6
      a single read from before a deletion does not bring it back, but one that was created anew
        begin 5 a@3; gone a@9; settle; read a@8; no a; read a@10; is a@10
      a deletion of what is not known is remembered
        begin 5; gone a@9; settle; read a@8; no a; heard progress
      a read that finds nothing removes what was known then only, and a late event does not matter
        begin 5 a@3; absent a@2; is a@3; absent b@3; absent a@3; no a; heard a gone
        seen a@3; settle; no a
      changes seen during a list survive an older list
        begin 5 a@3; resync; read a@8; read b@9; listed 7 a@6; is a@8; is b@9
        heard a@8, b@9, progress
      changes seen during a list do not survive a newer one
        begin 5 a@3; resync; read a@8; read b@9; listed 12 a@11; is a@11; no b
      changes seen before a list do not survive it, as the store may be set back
        begin 50 a@40; read a@60; resync; listed 7 a@6; is a@6
      a watch that ends unsure leads to a list, since the store may have been restored
        begin 5; progress 8; ended UNCERTAIN; 49; lists 1; 1; lists 2; watches 1; listed 7; from 7
      a watch that is refused leads to a list
        begin 5; progress 8; ended REFUSED; 49; lists 1; 1; lists 2; watches 1; listed 7; from 7
      a watch in conflict leads to a list
        begin 5; progress 8; ended CONFLICT; 49; lists 1; 1; lists 2; watches 1; listed 7; from 7
      a watch whose revision is gone leads to a list
        begin 5; progress 8; ended GONE; 49; lists 1; 1; lists 2; watches 1; listed 7; from 7
      watches that end again and again are begun more and more slowly
        begin 5; ended UNCERTAIN; 49; lists 1; 1; lists 2; listed 5
        ended UNCERTAIN; 499; lists 2; 1; lists 3; listed 5
        ended UNCERTAIN; 999; lists 3; 1; lists 4; listed 5
        ended UNCERTAIN; 1999; lists 4; 1; lists 5; listed 5
      late events of a closed watch are ignored
        begin 5 a@3; seen b@6; resync; settle; late seen a@7; late gone a@8; late progress 80
        late ended GONE; 10000; heard nothing; lists 2; listed 9 a@3; late progress 80; settle
        revision 9
      a list that is asked for while a watch waits comes at once and once
        begin 5; ended UNCERTAIN; settle; resync; listed 9; 10000; watches 2; lists 2
      progress never goes back by a watch
        begin 50; progress 40; settle; revision 50
      after a store was set back nothing counts as reported until it is listed
        begin 50; set back; revision 0; closed; listed 9; revision 9; from 9
      a list that was under way when the store was set back is made again
        begin 50 a@40; resync; set back; listed 60 a@45; lists 3; listed 9 a@6; is a@6; revision 9
      everything is known as of when the list was asked for
        resync; fail UNCERTAIN; 50; mark; 700; listed 5 a@3; known since mark
      a list holds nothing new if all of it, or newer, was told
        begin 5 a@3 b@4; covers 5 a@3 b@4; seen a@7; gone b@8; settle; covers 9 a@7; covers 6 a@3 b@4
        seen c@9; settle; covers 8 a@7
      a list holds something new if an entry is new, changed, anew or gone
        begin 5 a@3 b@4; misses 6 a@3 b@4 c@6; misses 6 a@3 b@6; misses 6 a@3; gone b@8; settle
        misses 9 a@3 b@9; seen a@10; settle; misses 11 a@7; covers 9 a@7
      """)
  void what_is_known(Scenario scenario) {
    scenario.play(words -> play(words, register.watches.isEmpty() ? null : register.watch()));
  }

  private void play(Scenario.Words words, @Nullable Watching watch) {
    String object = words.from(1);
    switch (words.at(0)) {
      case "begin" -> {
        cache.resync();
        listed(object);
        heard.clear();
      }
      case "late" -> play(new Scenario.Words(object.split(" ", -1)), register.watches.getFirst());
      case "resync" -> cache.resync();
      case "settle" -> loop.settle();
      case "set" -> cache.setBack();
      case "listed" -> listed(object);
      case "fail" -> {
        Duration wait = words.at(2).isEmpty() ? null : Duration.ofSeconds(words.number(2));
        register.lists.getLast().fail(failure(words.at(1), wait));
      }
      case "seen" -> watch.listener.changed(entry(object));
      case "gone" -> watch.listener.deleted(entry(object).key(), entry(object).revision());
      case "progress" -> watch.listener.progress(words.number(1));
      case "ended" -> watch.listener.ended(failure(object, null));
      case "read" -> cache.learn(entry(object));
      case "absent" -> cache.learnAbsent(entry(object).key(), entry(object).revision());
      case "mark" -> mark = loop.nanoTime();
      case "known" -> assertThat(known).isEqualTo(mark);
      case "covers" -> assertThat(cache.covers(listing(object))).isTrue();
      case "misses" -> assertThat(cache.covers(listing(object))).isFalse();
      case "unlisted" -> assertThat(cache.isListed()).isFalse();
      case "lists" -> assertThat(register.lists).hasSize(words.number(1));
      case "watches" -> assertThat(register.watches).hasSize(words.number(1));
      case "closed" -> assertThat(register.watches.getFirst().closed).isTrue();
      case "from" -> assertThat(watch.from).isEqualTo(words.number(1));
      case "revision" -> {
        assertThat(cache.reportedRevision()).isEqualTo(words.number(1));
        assertThat(cache.isListed()).isTrue();
      }
      case "is" -> assertThat(cache.entry(entry(object).key())).isEqualTo(entry(object));
      case "no" -> assertThat(cache.entry(RegisterKey.pool(object))).isNull();
      case "heard" -> assertThat(String.join(", ", heard)).isEqualTo(object.replace("nothing", ""));
      default -> loop.advance(words.number(0));
    }
  }

  /** From a revision and the entries, such as {@code 5 a@3 b@4}. */
  private void listed(String text) {
    register.lists.getLast().succeed(listing(text));
    loop.settle();
  }

  private static RegisterListing listing(String text) {
    List<String> words = List.of(text.split(" ", -1));
    List<RegisterEntry> entries = words.stream().skip(1).map(RegisterCacheTest::entry).toList();
    return new RegisterListing(entries, Long.parseLong(words.getFirst()));
  }

  private static RegisterEntry entry(String text) {
    String[] parts = text.split("@", -1);
    long revision = Long.parseLong(parts[1]);
    return new RegisterEntry(
        RegisterKey.pool(parts[0]),
        revision,
        new RegisterDocument("x", revision, NOW, NOW, Map.of()));
  }

  private static RegisterException failure(String reason, @Nullable Duration retryAfter) {
    return new RegisterException(Reason.valueOf(reason), "broken", retryAfter, null);
  }

  private final class Hearing implements RegisterCache.Listener {
    @Override
    public void changed(RegisterEntry entry) {
      heard.add(entry.key().name() + "@" + entry.revision());
    }

    @Override
    public void deleted(RegisterKey key) {
      heard.add(key.name() + " gone");
    }

    @Override
    public void progress() {
      heard.add("progress");
    }

    @Override
    public void listed(long sent) {
      known = sent;
    }

    @Override
    public void failed(String why) {
      heard.add("failed");
    }
  }
}
