package dev.understudy.agreement;

import dev.understudy.failover.Candidate;
import dev.understudy.file.BoundedFile;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Agreement of a process that decides alone. Each decision holds at once, and is remembered in
 * memory or, with a file, beyond a restart.
 *
 * <p>The file is read once, on creation; a thread of its own writes it, so a crash may lose the
 * decisions of the last moments.
 */
public final class StandaloneAgreement implements Agreement {
  private static final Logger log = LoggerFactory.getLogger(StandaloneAgreement.class);

  /** Number of removed pools that are remembered, those that changed last. */
  static final int MOST_GONE = 100;

  private final Map<PoolId, RememberedPool> memory = new ConcurrentHashMap<>();
  private final Map<PoolId, Acknowledgement> acknowledgements = new HashMap<>();
  private final @Nullable StateWriter writer;
  private volatile @Nullable Runnable trustChanged;
  private final Instant begun;

  private StandaloneAgreement(
      Map<PoolId, RememberedPool> remembered, @Nullable StateFile file, Instant begun) {
    memory.putAll(remembered);
    this.begun = begun;
    this.writer =
        file == null
            ? null
            : new StateWriter(file, () -> StateDocument.of(memory), this::notifyTrustChanged);
  }

  private void notifyTrustChanged() {
    Runnable told = trustChanged;
    if (told != null) {
      told.run();
    }
  }

  /** Creates one that forgets everything when the process ends. */
  public static StandaloneAgreement inMemory() {
    return new StandaloneAgreement(Map.of(), null, Instant.now());
  }

  /**
   * Creates one that remembers in a file. An unreadable or damaged file is reported in the log and
   * ignored; the first decision replaces it.
   *
   * @param now upper limit of all times in the file
   */
  public static StandaloneAgreement withFile(Path path, Instant now) {
    StateFile file = new StateFile(path);
    return new StandaloneAgreement(read(file, now), file, now);
  }

  private static Map<PoolId, RememberedPool> read(StateFile file, Instant now) {
    try {
      return file.read().map(document -> document.memory(now)).orElse(Map.of());
    } catch (IOException | RuntimeException e) {
      String why = e instanceof IOException failure ? BoundedFile.reason(failure) : e.getMessage();
      log.warn("{} is ignored, it cannot be read or is damaged: {}", file.path(), why);
      return Map.of();
    }
  }

  /** There is no other replica; the listener is told of changes of {@link #isEpochTrusted} only. */
  @Override
  public void start(DecisionThread loop, Listener listener) {
    trustChanged =
        () -> loop.execute(() -> List.copyOf(memory.keySet()).forEach(listener::changed));
  }

  @Override
  public void synced() {}

  @Override
  public Optional<AgreedRole> agreed(PoolId pool) {
    return Optional.ofNullable(of(pool).agreed());
  }

  /** Only with a file that holds the epoch already: a restart without it begins at 1 again. */
  @Override
  public boolean isEpochTrusted(PoolId pool) {
    return writer != null && !writer.isBehind();
  }

  @Override
  public ReplicaContact contact() {
    return ReplicaContact.ALWAYS;
  }

  @Override
  public boolean suspends() {
    return false;
  }

  @Override
  public boolean keepsServing() {
    return false;
  }

  @Override
  public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {}

  @Override
  public Map<ServerId, Candidate> view(Pool pool, Map<ServerId, Candidate> own) {
    return own;
  }

  @Override
  public Optional<Duration> turn(PoolId pool) {
    return Optional.of(Duration.ZERO);
  }

  @Override
  public CompletableFuture<AgreedRole> propose(PoolId pool, AgreedRole current, AgreedRole next) {
    remember(pool, of(pool).with(next));
    return CompletableFuture.completedFuture(next);
  }

  @Override
  public String replica() {
    return "";
  }

  @Override
  public Map<String, Release> releases(PoolId pool, String planned) {
    Acknowledgement given = acknowledgements.get(pool);
    return Map.of(
        replica(),
        given == null || !given.planned().equals(planned) ? Release.NONE : given.release());
  }

  @Override
  public Optional<String> silentReplica() {
    return Optional.empty();
  }

  @Override
  public Set<String> lostReplicas() {
    return Set.of();
  }

  @Override
  public void acknowledge(PoolId pool, @Nullable Acknowledgement given) {
    if (given == null) {
      acknowledgements.remove(pool);
    } else {
      acknowledgements.put(pool, given);
    }
  }

  @Override
  public Optional<String> whyNoCommands() {
    return Optional.empty();
  }

  @Override
  public OperatorStates operatorStates(PoolId pool) {
    return of(pool).operatorStates();
  }

  @Override
  public CompletableFuture<Void> operatorState(
      PoolId pool, ServerId server, OperatorState state, @Nullable Operator by) {
    remember(pool, of(pool).with(operatorStates(pool).with(server, state, by)));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> maintenance(PoolId pool, PoolMaintenance next) {
    remember(pool, of(pool).with(operatorStates(pool).with(next)));
    return CompletableFuture.completedFuture(null);
  }

  /** Without effect: nobody votes. */
  @Override
  public void exist(Set<PoolId> pools) {}

  @Override
  public void retain(Map<PoolId, Set<ServerId>> servers) {
    Map<PoolId, RememberedPool> before = Map.copyOf(memory);
    memory.replaceAll(
        (pool, known) -> {
          Set<ServerId> existing = servers.get(pool);
          return known.with(
              existing == null ? OperatorStates.NONE : known.operatorStates().only(existing));
        });
    forgetSomeBut(servers.keySet());
    if (!memory.equals(before)) {
      save();
    }
  }

  private void forgetSomeBut(Set<PoolId> existing) {
    memory.keySet().stream()
        .filter(pool -> !existing.contains(pool))
        .sorted(Comparator.comparing((PoolId pool) -> of(pool).since()).reversed())
        .skip(MOST_GONE)
        .toList()
        .forEach(memory::remove);
  }

  @Override
  public boolean ready() {
    return true;
  }

  @Override
  public AgreementStatus status() {
    return AgreementStatus.alone(begun);
  }

  @Override
  public void leave() {}

  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }

  private RememberedPool of(PoolId pool) {
    return memory.getOrDefault(pool, RememberedPool.NONE);
  }

  private void remember(PoolId pool, RememberedPool next) {
    if (!next.equals(memory.put(pool, next))) {
      save();
    }
  }

  private void save() {
    if (writer != null) {
      writer.changed();
    }
  }
}
