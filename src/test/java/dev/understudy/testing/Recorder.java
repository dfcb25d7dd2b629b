package dev.understudy.testing;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.PoolId;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.TrafficReports;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Remembers what the engine tells of requests and of servers. */
public class Recorder implements TrafficListener, TrafficReports {
  public final List<RequestOutcome> outcomes = new CopyOnWriteArrayList<>();
  public final List<ConnectionOutcome> connections = new CopyOnWriteArrayList<>();
  public final List<RetryReason> retries = new CopyOnWriteArrayList<>();
  public final List<Trouble> troubles = new CopyOnWriteArrayList<>();

  /** Failures of this machine that were reported. */
  public final List<LocalFailure> localFailures = new CopyOnWriteArrayList<>();

  /** Planned switches whose pause every event loop has seen. */
  public final List<String> paused = new CopyOnWriteArrayList<>();

  /** Pools that refused a client while they were paused. */
  public final List<PoolId> fullHolds = new CopyOnWriteArrayList<>();

  /** When each of the troubles began. */
  public final List<Instant> began = new CopyOnWriteArrayList<>();

  /** Of each of the troubles, for people. */
  public final List<String> details = new CopyOnWriteArrayList<>();

  public final List<Boolean> calls = new CopyOnWriteArrayList<>();
  public final List<Limit> limits = new CopyOnWriteArrayList<>();
  public final AtomicInteger held = new AtomicInteger();
  public final AtomicInteger everHeld = new AtomicInteger();

  private volatile Consumer<ServerState> broken = server -> {};

  /** Null while requests are not traced. */
  private volatile SpanWatch spans;

  /** Requests that begin from now on are traced by these. */
  public void trace(SpanWatch by) {
    spans = by;
  }

  @Override
  public RequestSpan began(HttpHeaders headers, long startedNanos) {
    SpanWatch by = spans;
    return by == null ? null : by.begin();
  }

  /** Does that when a connection of a server broke, as the monitor probes it then. */
  public void whenBroken(Consumer<ServerState> task) {
    broken = task;
  }

  @Override
  public void endedForwarded(
      RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
    outcomes.add(outcome);
  }

  @Override
  public void connectionEnded(ConnectionOutcome outcome) {
    connections.add(outcome);
  }

  @Override
  public void retried(PoolId pool, RetryReason reason) {
    retries.add(reason);
  }

  @Override
  public void held(PoolId pool, int delta) {
    held.addAndGet(delta);
    if (delta > 0) {
      everHeld.addAndGet(delta);
    }
  }

  @Override
  public void limited(Limit limit) {
    limits.add(limit);
  }

  @Override
  public void localFailure(LocalFailure failure) {
    localFailures.add(failure);
  }

  @Override
  public void paused(PoolId pool, String planned) {
    paused.add(planned);
  }

  @Override
  public void holdFull(PoolId pool) {
    fullHolds.add(pool);
  }

  @Override
  public void trouble(ServerState server, Trouble trouble, Instant started, String detail) {
    details.add(detail);
    began.add(started);
    troubles.add(trouble);
    if (trouble == Trouble.BROKEN) {
      broken.accept(server);
    }
  }

  @Override
  public void called(ServerState server, boolean failed, Duration took) {
    calls.add(failed);
  }

  /** The only outcome, once it has come. */
  public RequestOutcome outcome() {
    Await.until("an outcome", () -> !outcomes.isEmpty());
    return outcomes.get(outcomes.size() - 1);
  }

  /** The only relayed connection's outcome, once it has come. */
  public ConnectionOutcome connection() {
    Await.until("an outcome", () -> !connections.isEmpty());
    return connections.get(connections.size() - 1);
  }
}
