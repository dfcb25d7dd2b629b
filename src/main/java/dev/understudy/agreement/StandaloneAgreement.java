package dev.understudy.agreement;

import dev.understudy.failover.Candidate;
import dev.understudy.file.BoundedFile;
import dev.understudy.file.FileTenure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Agreement of a process that decides alone. Each decision holds at once, and is remembered in
 * memory or, with a file, beyond a restart.
 *
 * <p>The file is read once, on creation; a thread of its own writes it, so a crash may lose the
 * decisions of the last moments.
 */
public final class StandaloneAgreement implements Agreement {
  /**
   * What a file did not give back.
   *
   * @param pools those whose state could not be read; empty if that is all of them
   * @param kept where the file as it was is kept; null if that failed
   * @param why the reason, for people
   */
  public record Lost(Path file, Set<String> pools, @Nullable Path kept, String why) {
    boolean has(PoolId pool) {
      return pools.isEmpty() || pools.contains(pool.value());
    }
  }

  private final DecisionMemory memory;
  private final Instant begun;

  /** Null if nothing was lost. */
  private final @Nullable Lost lost;

  /** Whether changes are refused that cannot be kept; on the monitor's thread. */
  private boolean durably;

  private final Map<PoolId, Acknowledgement> acknowledgements = new HashMap<>();

  private StandaloneAgreement(
      StateFile.Content read,
      @Nullable Lost lost,
      @Nullable StateFile file,
      Instant begun,
      FileTenure tenure,
      boolean leads) {
    this.memory = new DecisionMemory(read, file, tenure, leads);
    this.lost = lost;
    this.begun = begun;
  }

  /** Creates one that forgets everything when the process ends, and whose epochs begin at 1. */
  public static StandaloneAgreement inMemory() {
    return inMemory(Instant.EPOCH);
  }

  /**
   * Creates one that forgets everything when the process ends. Its epochs are higher than those of
   * earlier processes, as they begin at that time in milliseconds.
   */
  public static StandaloneAgreement inMemory(Instant now) {
    return new StandaloneAgreement(
        StateFile.Content.NONE, null, null, now, FileTenure.ours(), true);
  }

  /**
   * Creates one that remembers in a file. What cannot be read is {@link #lost}, each pool by
   * itself; the first decision replaces the file, which is kept beside it as it was.
   *
   * @param now upper limit of all times in the file
   */
  public static StandaloneAgreement withFile(Path path, Instant now) {
    return withFile(path, now, FileTenure.ours());
  }

  /**
   * Creates one that remembers in a file, which it writes as long as this process has the files.
   */
  public static StandaloneAgreement withFile(Path path, Instant now, FileTenure tenure) {
    return withFile(new StateFile(path), now, tenure);
  }

  static StandaloneAgreement withFile(StateFile file, Instant now, FileTenure tenure) {
    StateFile.Content read = StateFile.Content.NONE;
    Lost lost = null;
    try {
      read = file.read(now);
      Set<String> pools = read.unreadable().keySet();
      lost = pools.isEmpty() ? null : new Lost(file.path(), pools, file.keepAside(), read.why());
    } catch (IOException e) {
      lost = new Lost(file.path(), Set.of(), file.keepAside(), BoundedFile.reason(e));
    }
    return new StandaloneAgreement(read, lost, file, now, tenure, true);
  }

  /** What the file did not give back; empty if nothing was lost. */
  public Optional<Lost> lost() {
    return Optional.ofNullable(lost);
  }

  /**
   * Creates one that follows another process until it is to {@link #lead}.
   *
   * @param path null to remember in memory only
   * @param state that process's {@link #state}
   * @throws IOException if the state cannot be read
   */
  public static StandaloneAgreement following(
      @Nullable Path path, String state, Instant now, FileTenure tenure) throws IOException {
    StateFile file = path == null ? null : new StateFile(path);
    return new StandaloneAgreement(parse(state, now), null, file, now, tenure, false);
  }

  private static StateFile.Content parse(String state, Instant now) throws IOException {
    StateFile.Content read = StateFile.parse(state.getBytes(StandardCharsets.UTF_8), now);
    if (!read.unreadable().isEmpty()) {
      throw new IOException(read.why());
    }
    return read;
  }

  /**
   * There is no other replica; the listener is told of changes of {@link #isEpochTrusted}, and of
   * what the process decides that this one follows.
   */
  @Override
  public void start(DecisionThread loop, Listener listener) {
    memory.start(loop, listener::changed);
  }

  @Override
  public void follow() {
    memory.follow();
  }

  /** What the process before has told until now is taken first. */
  @Override
  public void lead() {
    memory.lead();
  }

  @Override
  public boolean follows() {
    return !memory.leads();
  }

  /** All that is remembered, as the state file has it. */
  public String state() {
    return new String(memory.bytes(), StandardCharsets.UTF_8);
  }

  /** Has {@code told} run after each change that this process makes. */
  public void whenSaved(Runnable told) {
    memory.whenSaved(told);
  }

  /**
   * Takes the state of the process that this one follows.
   *
   * @throws IOException if it cannot be read; then nothing changes
   */
  public void use(String state) throws IOException {
    memory.use(parse(state, Instant.MAX));
  }

  @Override
  public void synced() {}

  @Override
  public Optional<AgreedRole> agreed(PoolId pool) {
    return Optional.ofNullable(memory.of(pool).agreed());
  }

  /** Only with a file that holds the epoch already: a restart without it forgets who serves. */
  @Override
  public boolean isEpochTrusted(PoolId pool) {
    return memory.isKept();
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
  public Optional<Duration> turn(PoolId pool, int passed) {
    return follows() ? Optional.empty() : Optional.of(Duration.ZERO);
  }

  @Override
  public CompletableFuture<AgreedRole> propose(PoolId pool, AgreedRole current, AgreedRole next) {
    AgreedRole held = told(pool, next);
    AgreedRole before = memory.of(pool).agreed();
    return memory
        .change(
            pool,
            known -> Objects.equals(known.agreed(), before) ? known.with(held) : known,
            known -> held.equals(known.agreed()),
            durably)
        .thenApply(done -> held);
  }

  /**
   * The role with an epoch that is higher than all earlier ones, even if nobody kept these: servers
   * and hooks would take a lower epoch as a sign that the replica is out of date. In milliseconds
   * nobody moves a role so often that its epochs outrun the clock.
   */
  private AgreedRole told(PoolId pool, AgreedRole next) {
    boolean known = memory.writer() != null && (lost == null || !lost.has(pool));
    long floor = known || memory.of(pool).epoch() > 0 ? 0 : begun.toEpochMilli();
    long epoch = next.roleState().epoch();
    return epoch == 0 || epoch > floor ? next : next.with(next.roleState().inEpoch(floor + epoch));
  }

  @Override
  public String replica() {
    return "";
  }

  @Override
  public Map<String, Release> releases(PoolId pool, @Nullable PlannedSwitch planned) {
    return Map.of(
        replica(),
        Acknowledgement.release(acknowledgements.get(pool), planned == null ? "" : planned.id()));
  }

  @Override
  public Set<String> deciding() {
    return Set.of(replica());
  }

  @Override
  public void running(Set<String> addresses) {}

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
    return follows() ? Optional.of(FOLLOWS) : Optional.empty();
  }

  @Override
  public OperatorStates operatorStates(PoolId pool) {
    return memory.of(pool).operatorStates();
  }

  @Override
  public CompletableFuture<Void> operatorState(
      PoolId pool,
      ServerId server,
      OperatorState state,
      @Nullable AgentOverride over,
      @Nullable Operator by) {
    return remember(pool, states -> states.with(server, state, over, by));
  }

  @Override
  public CompletableFuture<Void> endOverride(PoolId pool, ServerId server, AgentOverride ended) {
    return remember(pool, states -> states.without(server, ended));
  }

  @Override
  public CompletableFuture<Void> maintenance(PoolId pool, PoolMaintenance next) {
    return remember(pool, states -> states.with(next));
  }

  private CompletableFuture<Void> remember(PoolId pool, UnaryOperator<OperatorStates> change) {
    return memory.change(
        pool, known -> known.with(change.apply(known.operatorStates())), known -> true, durably);
  }

  @Override
  public void exist(Collection<Pool> pools, Set<PoolId> going) {
    memory.exist(pools, going);
  }

  @Override
  public void retain(Map<PoolId, Set<ServerId>> servers) {
    memory.retain(servers);
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
  public CompletableFuture<Void> depart() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {
    memory.close();
  }

  @Override
  public boolean keeps() {
    return memory.writer() != null;
  }

  @Override
  public boolean isDelayed() {
    return durably && keeps();
  }

  @Override
  public <T> T durably(Supplier<T> act) {
    durably = true;
    try {
      return act.get();
    } finally {
      durably = false;
    }
  }

  @Override
  public CompletableFuture<Optional<String>> kept() {
    return memory.kept();
  }

  @Override
  public Optional<Unwritten> unwritten() {
    StateWriter writer = memory.writer();
    return writer == null || follows() ? Optional.empty() : writer.unwritten();
  }
}
