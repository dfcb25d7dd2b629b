package dev.understudy.agreement;

import dev.understudy.file.FileTenure;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a process that decides alone has decided: in memory and, with a file, on the disk. Of the
 * processes of a replica one leads and changes it; another one follows, and takes what that has.
 *
 * <table>
 * <caption>A change of one pool; the first row that fits holds</caption>
 * <tr><th>this process<th>file<th>asked for<th>what becomes of it
 * <tr><td>follows<td>any<td>any<td>it is refused
 * <tr><td>leads<td>any<td>what is known already<td>it is done
 * <tr><td>leads<td>none<td>any<td>it holds at once
 * <tr><td>leads<td>any<td>at once<td>it holds at once, and is written soon
 * <tr><td>leads<td>any<td>durably, while another one of the pool is being written<td>it is refused
 * <tr><td>leads<td>any<td>durably<td>it is written, and holds once that is done; it is refused if
 *     that fails, if another one came first, or if this process has ceased to lead
 * </table>
 */
final class DecisionMemory {
  private final RememberedPools pools;

  /** Changes that take effect once they are written; at most one for each pool. */
  private final Map<PoolId, UnaryOperator<RememberedPool>> staged = new ConcurrentHashMap<>();

  /** What a later version remembered, and this one does not know. */
  private volatile LaterFields later;

  /** Null without a file. */
  private final @Nullable StateWriter writer;

  private volatile @Nullable DecisionThread loop;
  private volatile Consumer<PoolId> listener = pool -> {};

  /** Changes together with what a process that leads has decided, under {@link #tenure}. */
  private volatile boolean leads;

  /** Held for each decision: none is made between {@link #follow} and {@link #lead}. */
  private final Object tenure = new Object();

  /** Told of each change that this process has made. */
  private volatile Runnable saved = () -> {};

  DecisionMemory(
      StateFile.Content read, @Nullable StateFile file, FileTenure files, boolean leads) {
    this.pools = new RememberedPools(read.memory());
    this.later = read.later();
    this.leads = leads;
    this.writer =
        file == null ? null : new StateWriter(file, files, this::newest, this::allChanged);
    if (writer != null && leads) {
      writer.claim();
    }
  }

  /**
   * Begins to tell of changes of what is trusted, and of what the process decides that this one
   * follows.
   *
   * @param changed called on the thread
   */
  void start(DecisionThread thread, Consumer<PoolId> changed) {
    synchronized (tenure) {
      loop = thread;
      listener = changed;
    }
  }

  /** Null without a file. */
  @Nullable StateWriter writer() {
    return writer;
  }

  boolean leads() {
    return leads;
  }

  void follow() {
    synchronized (tenure) {
      leads = false;
    }
    allChanged();
  }

  /** What the process before has told until now is taken first. */
  void lead() {
    run(
        () -> {
          synchronized (tenure) {
            leads = true;
          }
          save();
          allChanged();
        });
  }

  /** Has {@code told} run after each change that this process makes. */
  void whenSaved(Runnable told) {
    saved = told;
  }

  RememberedPool of(PoolId pool) {
    return pools.of(pool);
  }

  /** All that is remembered, as the file has it. */
  byte[] bytes() {
    return bytes(pools.all());
  }

  private byte[] bytes(Map<PoolId, RememberedPool> remembered) {
    DecisionThread known = loop;
    Duration ahead = known == null ? Duration.ZERO : known.ahead();
    return StateFile.bytes(StateDocument.of(remembered, ahead), later);
  }

  /** What is to be written into the file: what is remembered, with the staged changes. */
  private byte[] newest() {
    // First: what ceases to be staged meanwhile is in memory by then.
    Map<PoolId, UnaryOperator<RememberedPool>> waiting = Map.copyOf(staged);
    Map<PoolId, RememberedPool> next = new HashMap<>(pools.all());
    waiting.forEach(
        (pool, change) ->
            next.put(pool, change.apply(next.getOrDefault(pool, RememberedPool.NONE))));
    return bytes(next);
  }

  /** Takes the state of the process that this one follows. */
  void use(StateFile.Content next) {
    synchronized (tenure) {
      run(() -> replace(next));
    }
  }

  private void replace(StateFile.Content read) {
    synchronized (tenure) {
      if (!leads) {
        later = read.later();
        pools.replace(read.memory()).forEach(listener);
      }
    }
  }

  /** Takes a new file, as {@link RoleDecisions#exist} says. */
  void exist(Collection<Pool> existing, Set<PoolId> going) {
    synchronized (tenure) {
      if (!pools.exist(existing, going) || !leads) {
        return;
      }
    }
    save();
  }

  /** Forgets, as {@link RoleDecisions#retain} says. */
  void retain(Map<PoolId, Set<ServerId>> servers) {
    if (pools.retain(servers)) {
      save();
    }
  }

  /**
   * Changes what is remembered of a pool, by the table.
   *
   * @param made whether the change is made; another one that came first may have kept it from that
   */
  CompletableFuture<Void> change(
      PoolId pool,
      UnaryOperator<RememberedPool> change,
      Predicate<RememberedPool> made,
      boolean durably) {
    synchronized (tenure) {
      if (!leads) {
        return CompletableFuture.failedFuture(
            new IllegalStateException(AgreementLifecycle.FOLLOWS));
      }
      if (durably && writer != null && !change.apply(of(pool)).equals(of(pool))) {
        return changeOnceWritten(writer, pool, change, made);
      }
      if (!pools.change(pool, change)) {
        return CompletableFuture.completedFuture(null);
      }
    }
    save();
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Void> changeOnceWritten(
      StateWriter writer,
      PoolId pool,
      UnaryOperator<RememberedPool> change,
      Predicate<RememberedPool> made) {
    if (staged.putIfAbsent(pool, change) != null) {
      return refused("another change of pool " + pool + " is being written");
    }
    return writer
        .write(Objects.requireNonNull(loop))
        .thenCompose(
            why -> {
              if (why.isEmpty()) {
                return changeWritten(pool, change, made);
              }
              staged.remove(pool);
              writer.changed(); // The write may come to an end after all.
              return refused(why.get());
            });
  }

  private CompletableFuture<Void> changeWritten(
      PoolId pool, UnaryOperator<RememberedPool> change, Predicate<RememberedPool> made) {
    synchronized (tenure) {
      if (leads) {
        pools.change(pool, change);
      }
      staged.remove(pool); // Only now: the writer looks here first, then into the memory.
      if (!leads || !made.test(of(pool))) {
        return refused(
            leads ? "another change of pool " + pool + " came first" : AgreementLifecycle.FOLLOWS);
      }
    }
    saved.run();
    return CompletableFuture.completedFuture(null);
  }

  private static CompletableFuture<Void> refused(String why) {
    return CompletableFuture.failedFuture(new NotKeptException(why));
  }

  /** Whether what is in memory is on the disk, as far as this process writes it. */
  boolean isKept() {
    return writer != null && (!leads || !writer.isBehind());
  }

  /**
   * Waits for a bounded time until all that is in memory is on the disk.
   *
   * @return why it is not, for people; empty if it is, or only as there is no file
   */
  CompletableFuture<Optional<String>> kept() {
    DecisionThread known = loop;
    return writer == null || known == null || !writer.isBehind()
        ? CompletableFuture.completedFuture(Optional.empty())
        : writer.write(known);
  }

  void close() {
    if (writer != null) {
      writer.close();
    }
  }

  private void save() {
    if (writer != null) {
      writer.changed();
    }
    saved.run();
  }

  /** Tells of a change of all pools, soon and on the monitor's thread. */
  private void allChanged() {
    run(() -> pools.all().keySet().forEach(listener));
  }

  /** Runs it on the monitor's thread, or at once if there is none yet. */
  private void run(Runnable task) {
    DecisionThread known = loop;
    if (known == null) {
      task.run();
    } else {
      known.execute(task);
    }
  }
}
