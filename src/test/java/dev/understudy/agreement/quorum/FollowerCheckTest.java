package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How a process that follows the others finds out that it knows all they wrote. */
class FollowerCheckTest {
  private static final RandomGenerator MIDDLE = () -> 1L << 63;

  private final FakeLoop loop = new FakeLoop();
  private final ScriptedRegister register = new ScriptedRegister();
  private final Hearing hearing = new Hearing();
  private final RegisterCache cache = new RegisterCache(register, loop, MIDDLE, hearing);
  private final FollowerCheck check =
      new FollowerCheck(
          register,
          loop,
          cache,
          new QuorumSettings("me", "run-2", "pod-1", Duration.ofSeconds(2), OnLoss.LOCAL),
          MIDDLE,
          hearing);
  private long mark;

  /**
   * Numbers alone are milliseconds that pass. The cache has listed entry a at revision 3, up to 5;
   * a list is known as of the last {@code mark} or {@code begin}.
   */
  @Scenario.Each(
      """
      it lists at once, and each two seconds after a list has come
        begin; lists 2; 700; listed 5@3; known; 1999; lists 2; 1; lists 3; watches 1
      a list that fails is repeated soon, then slower
        begin; fail; 49; lists 2; 1; lists 3; fail; 499; lists 3; 1; lists 4; mark; listed 5@3
        known; 2000; lists 5; fail; 50; lists 6; heard failed 3
      what the watch has told since is no news
        begin; told 6; listed 5@3; known; lists 2
      what the watch tells a little later is no news either
        begin; listed 7@7; unknown; 250; told 7; unknown; 50; known; lists 2
      what the watch has not told after 300 ms is listed again, and watched anew
        begin; listed 7@7; 299; unknown; lists 2; 1; mark; lists 3; listed 7@7; known; watches 2
      a list from a store that was set back has all forgotten
        begin; listed 4@4; unknown; lists 3; mark; listed 4@4; known; watches 2; is 4
      it lists while the cache lists by itself, and each tells what it has found
        resync; begin; lists 3; 300; listed 5@3; known; listed first 5@3; known; watches 2
      begun anew, what was asked for before does not count
        begin; 100; begin; lists 3; listed first 5@3; unknown; listed 5@3; known
      it ends
        begin; end; listed 5@3; unknown; 10000; lists 2
      """)
  void what_a_follower_asks(Scenario scenario) {
    cache.resync();
    answer("5@3");
    hearing.known = null;
    scenario.play(this::play);
  }

  private void play(Scenario.Words words) {
    switch (words.at(0)) {
      case "begin" -> {
        check.begin();
        loop.settle();
        mark = loop.nanoTime();
      }
      case "resync" -> cache.resync();
      case "end" -> check.end();
      case "mark" -> mark = loop.nanoTime();
      case "listed" -> {
        if (words.at(1).equals("first")) {
          register.lists.get(1).succeed(listing(words.at(2)));
        } else {
          answer(words.at(1));
        }
      }
      case "fail" -> register.lists.getLast().fail(Reason.UNCERTAIN);
      case "told" -> register.watch().listener.changed(entry(words.number(1)));
      case "known" -> {
        assertThat(hearing.known).isEqualTo(mark);
        hearing.known = null;
      }
      case "unknown" -> assertThat(hearing.known).isNull();
      case "heard" -> assertThat(hearing.failures).isEqualTo(words.number(2));
      case "is" -> assertThat(cache.entry(RegisterKey.pool("a"))).isEqualTo(entry(words.number(1)));
      case "lists" -> assertThat(register.lists).hasSize(words.number(1));
      case "watches" -> assertThat(register.watches).hasSize(words.number(1));
      default -> loop.advance(words.number(0));
    }
    loop.settle();
  }

  private void answer(String text) {
    register.lists.getLast().succeed(listing(text));
    loop.settle();
  }

  /** From its revision and that of the entry. */
  private static RegisterListing listing(String text) {
    String[] parts = text.split("@", -1);
    return new RegisterListing(List.of(entry(Long.parseLong(parts[1]))), Long.parseLong(parts[0]));
  }

  private static RegisterEntry entry(long revision) {
    return new RegisterEntry(
        RegisterKey.pool("a"), revision, new RegisterDocument("x", revision, NOW, NOW, Map.of()));
  }

  private static final class Hearing implements RegisterCache.Listener {
    @Nullable Long known;
    int failures;

    @Override
    public void changed(RegisterEntry entry) {}

    @Override
    public void deleted(RegisterKey key) {}

    @Override
    public void progress() {}

    @Override
    public void listed(long sent) {
      known = sent;
    }

    @Override
    public void failed(String why) {
      failures++;
    }
  }
}
