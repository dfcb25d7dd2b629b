package dev.understudy.testing;

import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The monitor's place in tests: publishes the snapshots that a test makes by hand. */
public class SnapshotPublisher implements SnapshotSource {
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private volatile Snapshot current = Snapshot.EMPTY;
  private volatile boolean withheld;

  /** Publishes the next snapshot, of those pools. */
  public final void publish(PoolState... pools) {
    publish(
        new Snapshot(
            current.version() + 1,
            Arrays.stream(pools)
                .collect(Collectors.toMap(pool -> pool.pool().id(), Function.identity()))));
  }

  public final void publish(Snapshot snapshot) {
    current = snapshot;
    if (!withheld) {
      tell();
    }
  }

  /** From now on snapshots are current, and nobody is told, as in the moment before. */
  public final void withhold() {
    withheld = true;
  }

  /** Tells of the newest snapshot. */
  public final void tell() {
    withheld = false;
    Snapshot newest = current;
    listeners.forEach(listener -> listener.accept(newest));
  }

  @Override
  public final Snapshot current() {
    return current;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }

  @Override
  public final Runnable subscribe(Consumer<Snapshot> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
