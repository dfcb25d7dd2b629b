package dev.understudy.bench.failure;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The ends of the WebSockets that were open at a fault.
 *
 * @param told the number of clients that got a close frame, by its code
 * @param cut ended without one
 * @param stayed had not ended when the run did
 * @param back of those that ended, how many reached the server that serves now
 * @param worstBackMillis the longest that this took, from a client's end to its first message
 * @param lastBackMillis from the event to the first message of the last of them
 */
record TunnelAccount(
    SortedMap<Integer, Integer> told,
    int cut,
    int stayed,
    int back,
    double worstBackMillis,
    double lastBackMillis) {

  /** Never in a frame: the code for a connection that ended without one (RFC 6455, 7.4.1). */
  static final int NO_CLOSE_FRAME = 1006;

  /**
   * One connection of one client.
   *
   * @param server that greeted it
   * @param openedNanos when that greeting came
   * @param endedNanos {@link Long#MAX_VALUE} while it is open
   * @param code the close code, or {@link #NO_CLOSE_FRAME}
   */
  record Life(String server, long openedNanos, long endedNanos, int code) {
    private boolean isOpenAt(long nanos) {
      return openedNanos - nanos <= 0 && endedNanos > nanos;
    }
  }

  /**
   * @param clients the lives of each client, in order
   * @param from when it happened
   * @param to what ended later stayed
   * @param serving the server that serves afterwards
   */
  static TunnelAccount of(List<List<Life>> clients, long from, long to, String serving) {
    SortedMap<Integer, Integer> told = new TreeMap<>();
    int cut = 0;
    int stayed = 0;
    int back = 0;
    long worst = 0;
    long last = 0;
    for (List<Life> lives : clients) {
      Optional<Life> concerned = lives.stream().filter(life -> life.isOpenAt(from)).findFirst();
      if (concerned.isEmpty()) {
        continue;
      }
      Life life = concerned.get();
      if (life.endedNanos() > to) {
        stayed++;
        continue;
      }
      if (life.code() == NO_CLOSE_FRAME) {
        cut++;
      } else {
        told.merge(life.code(), 1, Integer::sum);
      }
      Optional<Life> next = firstAt(serving, lives, life.endedNanos());
      if (next.isPresent()) {
        back++;
        worst = Math.max(worst, next.get().openedNanos() - life.endedNanos());
        last = Math.max(last, next.get().openedNanos() - from);
      }
    }
    return new TunnelAccount(told, cut, stayed, back, worst / 1e6, last / 1e6);
  }

  private static Optional<Life> firstAt(String server, List<Life> lives, long after) {
    return lives.stream()
        .filter(life -> life.openedNanos() - after >= 0 && life.server().equals(server))
        .findFirst();
  }

  int toldInAll() {
    return told.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** How many were open when it happened. */
  int clients() {
    return toldInAll() + cut + stayed;
  }
}
