package dev.understudy.assembly;

import dev.understudy.handover.TableText;
import dev.understudy.monitor.OtherProcesses;
import dev.understudy.pool.PoolId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of this replica tell each other of planned switches: the one that is replaced
 * tells the next one, which counts it, with what that one was told itself, as its own.
 */
final class Releases implements OtherProcesses {
  private static final String FORM = "releases";
  private static final int VERSION = 1;

  private final BooleanSupplier predecessor;
  private final Map<PoolId, Acknowledgement> own = new ConcurrentHashMap<>();
  private volatile Map<PoolId, Acknowledgement> before = Map.of();
  private volatile Runnable told = () -> {};

  /**
   * @param predecessor whether the process before is there
   */
  Releases(BooleanSupplier predecessor) {
    this.predecessor = predecessor;
  }

  @Override
  public Release before(PoolId pool, String planned) {
    if (!predecessor.getAsBoolean()) {
      return Release.RELEASED;
    }
    return Acknowledgement.release(before.get(pool), planned);
  }

  @Override
  public void tell(PoolId pool, @Nullable Acknowledgement given) {
    if (given == null) {
      own.remove(pool);
    } else {
      own.put(pool, given);
    }
    told.run();
  }

  /** Has {@code next} run whenever {@link #text} has changed. */
  void whenTold(Runnable next) {
    told = next;
  }

  /** What this process tells, for the next one. */
  String text() {
    TableText table = new TableText(FORM, VERSION);
    own.forEach(
        (pool, given) -> {
          if (given.release() != Release.CALLING) {
            table.add(
                TableText.word(pool.value())
                    + ' '
                    + TableText.word(given.planned())
                    + ' '
                    + given.release());
          }
        });
    return table.text();
  }

  /** Takes what the process before tells; null if that is nothing new. */
  void take(@Nullable String text) {
    if (text == null) {
      return;
    }
    Map<PoolId, Acknowledgement> next = new HashMap<>();
    TableText.read(
        FORM,
        VERSION,
        text,
        words ->
            next.put(
                new PoolId(TableText.textOf(words.get(0))),
                new Acknowledgement(
                    TableText.textOf(words.get(1)), Release.valueOf(words.get(2)))));
    before = next;
  }
}
