package dev.understudy.recurring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Work that repeats. One piece is in flight at most: the next one is due when it has ended, or has
 * been cancelled because it took too long. So a thread that has too little time does less of it,
 * and nothing piles up. Used on the thread of its timers only.
 *
 * <table>
 * <caption>States</caption>
 * <tr><th>is<th>input<th>becomes<th>then
 * <tr><td>STOPPED<td>start<td>WAITING<td>
 * <tr><td>WAITING<td>its time<td>RUNNING<td>a piece begins
 * <tr><td>RUNNING<td>the piece ends, or its beginning fails<td>WAITING<td>for the interval, from
 *     then on
 * <tr><td>RUNNING<td>its longest time passes<td>WAITING<td>the piece is cancelled, and {@link
 *     Work#tookTooLong} is told
 * <tr><td>any<td>start<td>WAITING<td>a piece that runs is cancelled, and its end means nothing
 * <tr><td>any<td>stop<td>STOPPED<td>the same
 * </table>
 *
 * <table>
 * <caption>What repeats in this process, whether by this or in a form of its own</caption>
 * <tr><th>work<th>one piece<th>bound<th>cancels it<th>if there is too little time
 * <tr><td>checks ({@code HealthController}, {@code Health})<td>a probe of one server; while
 *     suspected five, while there is time<td>5 time-outs ({@code Deadline})<td>its channel is
 *     closed<td>{@code CheckQueue}: half for the suspected, late before routine; intervals are
 *     stretched ({@code Stretch}); server, pool and replica are told to be late ({@code
 *     Punctuality}), votes too
 * <tr><td>agents<td>a question to one agent<td>as a probe<td>the same<td>waits as a routine probe
 * <tr><td>names and SRV records<td>a query<td>5 s<td>the query is cancelled<td>this; the last good
 *     result stays
 * <tr><td>endpoints of Services, objects of the Gateway API<td>a list and a watch for each kind<td>
 *     the request's time-out<td>the request is closed<td>back-off; what was read stays
 * <tr><td>renewals of a replica's entry ({@code VoterWriter})<td>a write, upon the one before<td>
 *     1 s<td>the request is closed<td>out of touch after 2 × {@code renew}, which is told
 * <tr><td>lists of a process that follows ({@code FollowerCheck})<td>a list<td>1 s<td>the request is
 *     closed<td>this; out of touch
 * <tr><td>hooks that are owed<td>a call, one at a server<td>the hook's time-out<td>the request is
 *     closed, the program killed<td>back-off; the pool says what is owed
 * <tr><td>notifications ({@code Receiver})<td>a message to one receiver<td>5 s<td>the request is
 *     closed<td>back-off; the queue is bounded and says what it dropped
 * <tr><td>the dynamic file ({@code ConfigFileWatcher})<td>a look, on a thread of its own<td>none: it
 *     is applied for as long as that takes<td>a stop<td>one log line after 10 s
 * <tr><td>samples and scrapes of ourselves ({@code StatisticsThread})<td>a sample<td>none: it does
 *     not wait<td>–<td>this: no sample is made up for
 * <tr><td>keep-alives and status for systemd<td>a datagram<td>none: it does not wait<td>–<td>this
 * <tr><td>the monitor's beat ({@code PauseDetector})<td>a look at clocks and ages<td>none: it does
 *     not wait<td>–<td>its lateness is what stretches the checks
 * </table>
 */
public final class Recurring {
  /** What is done again and again. */
  @FunctionalInterface
  public interface Work {
    /**
     * Begins a piece.
     *
     * @param piece to be told its end, on this thread; may be told before this returns
     * @return ends the piece, with all that it holds
     */
    Runnable begin(Piece piece);

    /** A piece has taken too long, and was cancelled. */
    default void tookTooLong() {}
  }

  private final Timers timers;
  private final Duration interval;
  private final @Nullable Duration longest;
  private final Work work;
  private Timers.Timer timer = () -> {};
  private @Nullable Piece piece;

  /**
   * Creates one that is stopped.
   *
   * @param interval time from the end of a piece to the next one
   * @param longest the longest time of a piece; null if it ends by itself
   */
  public Recurring(Timers timers, Duration interval, @Nullable Duration longest, Work work) {
    this.timers = timers;
    this.interval = interval;
    this.longest = longest;
    this.work = work;
  }

  /**
   * Creates one whose pieces have ended when {@code task} returns. One that fails is repeated all
   * the same; the failure is the thread's to log.
   */
  public static Recurring of(Timers timers, Duration interval, Runnable task) {
    return new Recurring(
        timers,
        interval,
        null,
        piece -> {
          task.run();
          piece.ended();
          return () -> {};
        });
  }

  /** Begins the next piece now, or as soon as the thread can. */
  public void start() {
    stop();
    begin();
  }

  /** Begins the next piece after {@code wait}. */
  public void startAfter(Duration wait) {
    stop();
    await(wait);
  }

  /** Begins nothing more; a piece in flight is cancelled. */
  public void stop() {
    timer.cancel();
    Piece running = piece;
    piece = null;
    if (running != null) {
      running.end.run();
    }
  }

  private void await(Duration wait) {
    timer = timers.schedule(wait, this::begin);
  }

  private void begin() {
    Piece next = new Piece();
    piece = next;
    if (longest != null) {
      timer = timers.schedule(longest, next::tookTooLong);
    }
    boolean begun = false;
    try {
      Runnable end = work.begin(next);
      begun = true;
      if (next.isInFlight()) {
        next.end = end;
      }
    } finally {
      if (!begun) {
        next.ended();
      }
    }
  }

  /** One piece of the work. */
  public final class Piece {
    private Runnable end = () -> {};

    private Piece() {}

    /** Whether it has neither ended nor been cancelled. */
    @SuppressWarnings("ReferenceEquality") // each piece is one object
    public boolean isInFlight() {
      return piece == this;
    }

    /** It has ended; the next one is due after the interval. Has no effect if it was cancelled. */
    public void ended() {
      ended(interval);
    }

    /** The same, but the next one is due after {@code wait}. */
    public void ended(Duration wait) {
      if (isInFlight()) {
        timer.cancel();
        piece = null;
        await(wait);
      }
    }

    private void tookTooLong() {
      if (isInFlight()) {
        end.run();
        ended();
        work.tookTooLong();
      }
    }
  }
}
