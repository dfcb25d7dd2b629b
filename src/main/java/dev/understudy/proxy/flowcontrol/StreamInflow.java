package dev.understudy.proxy.flowcontrol;

/**
 * What one stream may still send, and has sent unread: how far its window may grow, and when it is
 * too large. Pure: it counts, and is given window sizes and the time.
 *
 * <table>
 *   <caption>The most that the window is for</caption>
 *   <tr><td>no length is announced</td><td>what {@link WindowSizing} decides</td></tr>
 *   <tr><td>a length is announced</td><td>at most what is unread and what is missing, as a promise
 *       cannot be revoked (RFC 9113 §6.9.3)</td></tr>
 *   <tr><td>the stream is complete</td><td>what is unread</td></tr>
 *   <tr><td>complete and read</td><td>over: nothing</td></tr>
 * </table>
 */
final class StreamInflow {
  /** The length of a body whose length is not announced. */
  static final long UNKNOWN = Long.MAX_VALUE / 2;

  private final WindowSizing sizing = new WindowSizing();

  /** Bytes that have still to come; {@link #UNKNOWN}, less what came, if not announced. */
  private long missing;

  private long arrived;

  /** Whether no more comes, though something may be unread. */
  private boolean complete;

  /** Bytes that were unread at the last look. */
  private int unread;

  /** The largest window. */
  private int window = WindowSizing.FIRST;

  /** What it adds to the connection's window. */
  private int share;

  StreamInflow(long length) {
    missing = length;
  }

  /** Takes the announced length, of which some may have come. */
  void announced(long length) {
    missing = length - arrived;
  }

  void arrived(int bytes, long nowNanos) {
    sizing.arrived(nowNanos);
    arrived += bytes;
    missing -= bytes;
  }

  /** Notes that no more comes. */
  void completed() {
    complete = true;
    missing = 0;
  }

  boolean isComplete() {
    return complete;
  }

  /**
   * Counts bytes that are read.
   *
   * @param left bytes that are still unread
   * @return whether the stream is over
   */
  boolean read(int bytes, int left) {
    unread = left;
    sizing.read(bytes);
    return complete && left == 0;
  }

  /** How large the window should be now, which has the given size. */
  int wanted(int current, long delayNanos) {
    return sizing.isDue(current) ? sizing.decide(unread, current, delayNanos).window() : current;
  }

  /**
   * By how much the window may grow. What is unread, and what is being read, leaves less of it for
   * what is missing, and the end would wait for another round trip.
   *
   * @param occupied bytes that are unread or being read
   */
  int growth(int wanted, int current, int occupied) {
    return Math.max(0, (int) Math.min(wanted, missing + occupied) - current);
  }

  /** The largest window that the stream can still make use of, with so many bytes unread. */
  long most(int occupied) {
    return occupied + missing;
  }

  /**
   * By how many bytes the window is to shrink: to {@code most}, but not below its first size, and
   * by no more than its share of the connection's window.
   */
  int excess(int current, long most) {
    return current > WindowSizing.FIRST && most < current
        ? Math.min(share, current - (int) Math.max(WindowSizing.FIRST, most))
        : 0;
  }

  /** Notes a change of what the stream adds to the connection's window. */
  void shared(int bytes) {
    share += bytes;
  }

  int share() {
    return share;
  }

  /** Notes that the window has grown. */
  void grown(int size) {
    window = size;
  }

  /** The window that the next stream should begin with. */
  int learned() {
    return arrived > WindowSizing.FIRST ? window : WindowSizing.FIRST;
  }

  /** The part of its share that unread bytes occupy. */
  int occupiedShare() {
    return Math.min(share, unread);
  }
}
