package dev.understudy.proxy.engine;

import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.proxy.engine.TunnelVerdict.Kind;
import dev.understudy.proxy.engine.TunnelVerdict.Why;
import dev.understudy.proxy.http.ResponseKind;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Limits how long one response that is being relayed may stay on its server; pure but for the
 * random source that it is given. All times are those of the event loop's {@link
 * dev.understudy.proxy.eventloop.TickClock}.
 *
 * <p>Once {@link TunnelVerdict} says that the server must be left:
 *
 * <table>
 *   <caption>Ends</caption>
 *   <tr><td>an event stream</td><td>at a random moment of the verdict's time</td></tr>
 *   <tr><td>any other, older than {@code drain}</td>
 *       <td>at a random moment of {@code drain}; maintenance: at once</td></tr>
 *   <tr><td>a younger download</td>
 *       <td>by itself; maintenance: once it is older than {@code drain}</td></tr>
 *   <tr><td>any download from a server that is DOWN and not silent</td><td>by itself</td></tr>
 *   <tr><td>a younger stream of another type</td>
 *       <td>once it is older than {@code drain}</td></tr>
 *   <tr><td>any but an event stream, whose request is still being sent</td>
 *       <td>not before the request has ended</td></tr>
 * </table>
 *
 * <p>Besides, a response from a server that was judged DOWN by silence ends once it has itself been
 * silent for as long as that judgement took.
 */
final class ResponseLifetime {
  /**
   * Time per stream over which a failed server's streams are spread: where they are few, none waits
   * long.
   */
  private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final long NEVER = Long.MAX_VALUE;

  private final PoolId pool;
  private final ServerId server;
  private final ResponseKind kind;
  private final Stickiness held;
  private final long begunClock;
  private final LongUnaryOperator random;

  private SwitchSettings settings;

  /** The server when the request was sent, or when the response last could stay. */
  private ServerState made;

  private TunnelVerdict pending = TunnelVerdict.STAY;
  private long dueClock = NEVER;

  /**
   * How long the response may be silent; {@link #NEVER} unless its server was judged DOWN by
   * silence.
   */
  private long silenceNanos = NEVER;

  private long silenceDueClock;

  /**
   * Creates the lifetime of a response, without a judgement yet.
   *
   * @param from the server of the response
   * @param begunClock when the response's head arrived
   * @param random returns a number from 0 (inclusive) to its argument (exclusive), which may be 0
   */
  ResponseLifetime(
      SelectedServer from, ResponseKind kind, long begunClock, LongUnaryOperator random) {
    this.pool = from.server().pool();
    this.server = from.server().server().id();
    this.kind = kind;
    this.held = from.stickiness();
    this.begunClock = begunClock;
    this.random = random;
    this.settings = from.pool().pool().settings().onSwitch();
    this.made = from.server();
  }

  /**
   * Judges by a new snapshot.
   *
   * @param time the present, by the monitor's clock
   * @param clock the present, by the tick clock
   * @param crowd how many responses may have to leave at the same time
   */
  void judge(Snapshot now, Instant time, long clock, int crowd) {
    PoolState poolNow = now.pool(pool);
    ServerState serverNow = poolNow == null ? null : poolNow.server(server);
    if (poolNow != null) {
      settings = poolNow.pool().settings().onSwitch();
    }
    TunnelVerdict verdict = TunnelVerdict.of(Kind.STREAM, made, held, poolNow, serverNow, settings);
    if (verdict.stays() && serverNow != null) {
      made = serverNow;
    }
    apply(verdict, time, clock, crowd);
    if (poolNow == null || serverNow == null || !serverNow.isDownBySilence()) {
      silenceNanos = NEVER;
    } else if (silenceNanos == NEVER) {
      silenceNanos = judgementNanos(poolNow.pool().health());
      silenceDueClock = clock + random.applyAsLong(failedNanos(crowd));
    }
  }

  /** The time from the start of the first bad probe to the end of the deciding one. */
  private static long judgementNanos(HealthSettings health) {
    return health
        .timeout()
        .plus(Duration.ofNanos(health.fastInterval().toNanos() * Math.max(0, health.fall() - 1L)))
        .toNanos();
  }

  private void apply(TunnelVerdict verdict, Instant time, long clock, int crowd) {
    if (pending.why() == Why.STOPPING) {
      return;
    }
    if (verdict.stays()) {
      pending = verdict;
      dueClock = NEVER;
    } else if (pending.stays() || verdict.isSoonerThan(pending)) {
      pending = verdict;
      dueClock = due(verdict, clock, clock + verdict.waits(time).toNanos(), crowd);
    }
  }

  private long due(TunnelVerdict verdict, long clock, long from, int crowd) {
    boolean atOnce = verdict.why() == Why.MAINTENANCE;
    if (kind == ResponseKind.EVENT_STREAM) {
      return from + random.applyAsLong(eventsNanos(verdict, crowd));
    }
    long drain = settings.drain().toNanos();
    // A response that still flows may go on for as long, even if its server failed.
    long over = verdict.why() == Why.FAILED ? drain : verdict.over().toNanos();
    long spread = from + random.applyAsLong(over);
    long oldAt = begunClock + drain;
    boolean young = clock < oldAt && !atOnce;
    if (kind == ResponseKind.DOWNLOAD && (young || verdict.why() == Why.DOWN)) {
      return NEVER;
    }
    return Math.max(spread, oldAt);
  }

  private long eventsNanos(TunnelVerdict verdict, int crowd) {
    return verdict.why() == Why.FAILED ? failedNanos(crowd) : verdict.over().toNanos();
  }

  private long failedNanos(int crowd) {
    return Math.min(TunnelVerdict.soon(settings.drain()).toNanos(), crowd * PACE_NANOS);
  }

  /**
   * Plans the end of the response, as the process is stopping: an event stream, or another stream
   * that is older than {@code drain}, leaves at a random moment of that time, whatever else is
   * judged. All others have the whole time.
   */
  void stop(long clock, long overNanos) {
    boolean old = clock - begunClock >= settings.drain().toNanos();
    pending = TunnelVerdict.over(Why.STOPPING, Duration.ofNanos(Math.max(0, overNanos)));
    boolean leaves = kind == ResponseKind.EVENT_STREAM || (kind == ResponseKind.STREAM && old);
    dueClock = leaves ? clock + random.applyAsLong(pending.over().toNanos()) : NEVER;
  }

  /**
   * Judges whether the response has to end now.
   *
   * @param silentNanos time since its last byte; 0 while the client takes no more
   * @param uploading whether the request is still being sent
   * @return the reason to end it; null if it goes on
   */
  @Nullable RequestEnd end(long clock, long silentNanos, boolean uploading) {
    if (silentNanos >= silenceNanos && clock >= silenceDueClock) {
      return RequestEnd.RESPONSE_BROKEN;
    }
    if (clock < dueClock || (uploading && kind != ResponseKind.EVENT_STREAM)) {
      return null;
    }
    return pending.why() == Why.STOPPING ? RequestEnd.STOPPING : RequestEnd.STREAM_MOVED;
  }
}
