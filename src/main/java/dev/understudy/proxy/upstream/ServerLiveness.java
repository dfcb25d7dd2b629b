package dev.understudy.proxy.upstream;

import java.util.concurrent.TimeUnit;

/**
 * Whether the server at the other end of an HTTP/2 connection is still there, as far as it has
 * shown. Pure: it is given the time, by {@link System#nanoTime}.
 *
 * <table>
 *   <caption>State, event, next state and advice</caption>
 *   <tr><td>ANSWERED: it has sent something since the last request</td><td>a request is sent</td>
 *       <td>AWAITED</td></tr>
 *   <tr><td>AWAITED</td><td>any byte</td><td>ANSWERED</td></tr>
 *   <tr><td></td><td>{@link #SILENCE_NANOS} after the request, fewer than {@link #MAX_PINGS} pings
 *       without a part of a response</td><td>PINGED: PING</td></tr>
 *   <tr><td>PINGED</td><td>any byte</td><td>ANSWERED</td></tr>
 *   <tr><td></td><td>twice {@link #SILENCE_NANOS} after the request</td><td>RETIRE</td></tr>
 *   <tr><td>any</td><td>a user leaves {@link #SILENCE_NANOS} after its request, since which no byte
 *       came</td><td>RETIRE</td></tr>
 *   <tr><td>any</td><td>no stream for {@link #MAX_IDLE_NANOS}</td><td>RETIRE</td></tr>
 * </table>
 *
 * <table>
 *   <caption>Use: state, event, next state</caption>
 *   <tr><td>NEW</td><td>the first stream begins</td><td>IN_USE</td></tr>
 *   <tr><td>IN_USE</td><td>a stream begins after idleness</td>
 *       <td>QUIET: the server may be gone unnoticed</td></tr>
 *   <tr><td>QUIET</td><td>any byte</td><td>IN_USE</td></tr>
 * </table>
 */
final class ServerLiveness {
  /** 15 s: less than common servers keep an idle connection (Tomcat: 20 s). */
  private static final long MAX_IDLE_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** The silence after a request that leads to a ping, and after that ping to retirement: 1 s. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * The most pings without a response in between; gRPC servers end a connection on the third (its
   * PROTOCOL-HTTP2, A8).
   */
  private static final int MAX_PINGS = 2;

  /** What is to be done about the connection. */
  enum Advice {
    NOTHING,
    PING,
    RETIRE
  }

  private enum State {
    ANSWERED,
    AWAITED,
    PINGED
  }

  private enum Use {
    NEW,
    IN_USE,
    QUIET
  }

  private State state = State.ANSWERED;

  /** When the first request since the last byte was sent; without meaning if ANSWERED. */
  private long awaitedNanos;

  private int pingsLeft = MAX_PINGS;
  private long idleSinceNanos;
  private Use use = Use.NEW;

  /** Notes that the connection has no stream from now on. */
  void idle(long nowNanos) {
    idleSinceNanos = nowNanos;
  }

  /**
   * Notes that a stream begins.
   *
   * @param idle whether there is no other
   * @return when the connection became idle; now if the server has shown since that it is there
   */
  long begin(boolean idle, long nowNanos) {
    if (use == Use.NEW) {
      use = Use.IN_USE;
    } else if (idle) {
      use = Use.QUIET;
    }
    return isQuiet() || idle ? idleSinceNanos : nowNanos;
  }

  /** Whether the server has sent nothing since the connection was idle after other requests. */
  boolean isQuiet() {
    return use == Use.QUIET;
  }

  /** Notes that a request was sent. */
  void sent(long nowNanos) {
    if (state == State.ANSWERED) {
      state = State.AWAITED;
      awaitedNanos = nowNanos;
    }
  }

  /** Notes any byte of the server. */
  void received() {
    state = State.ANSWERED;
    use = use == Use.QUIET ? Use.IN_USE : use;
  }

  /** Notes that the server has sent a part of a response. */
  void responding() {
    pingsLeft = MAX_PINGS;
  }

  /**
   * Notes that a user has left without a byte of a response.
   *
   * @param sentNanos when its request was sent
   */
  Advice left(long sentNanos, long nowNanos) {
    boolean silent = state != State.ANSWERED && awaitedNanos - sentNanos <= 0;
    return silent && nowNanos - sentNanos >= SILENCE_NANOS ? Advice.RETIRE : Advice.NOTHING;
  }

  /**
   * Checks an open connection.
   *
   * @param idle whether it has no stream
   */
  Advice check(boolean idle, long nowNanos) {
    if (idle) {
      return nowNanos - idleSinceNanos >= MAX_IDLE_NANOS ? Advice.RETIRE : Advice.NOTHING;
    }
    long silence = nowNanos - awaitedNanos;
    if (state == State.PINGED && silence >= 2 * SILENCE_NANOS) {
      return Advice.RETIRE;
    }
    if (state == State.AWAITED && silence >= SILENCE_NANOS && pingsLeft > 0) {
      state = State.PINGED;
      pingsLeft--;
      return Advice.PING;
    }
    return Advice.NOTHING;
  }
}
