package dev.understudy.bench.faults;

/**
 * A request that reached a server of the application, as it stands in the register.
 *
 * @param nanos when the server took it up, by the clock of all processes of the machine
 * @param replica through which it came
 * @param epoch that it carried; {@link #NO_EPOCH} if none
 * @param write whether it is a write; else a read
 * @param id of the client's request; a read that is replayed has the same
 * @param status of the response, which the server wrote down before it sent that; {@link
 *     #UNANSWERED} if it ended before
 */
record Hit(
    long nanos, String server, String replica, long epoch, boolean write, String id, int status) {
  static final long NO_EPOCH = -1;
  static final int UNANSWERED = 0;
  static final int EXECUTED = 200;
  static final int REFUSED = 409;

  /** One that the server has not answered yet. */
  Hit(long nanos, String server, String replica, long epoch, boolean write, String id) {
    this(nanos, server, replica, epoch, write, id, UNANSWERED);
  }

  /** The same with another status. */
  Hit answered(int next) {
    return new Hit(nanos, server, replica, epoch, write, id, next);
  }

  /** As one line without its end. */
  String line() {
    String request =
        nanos + " " + server + " " + replica + " " + epoch + " " + (write ? "W" : "R") + " " + id;
    return status == UNANSWERED ? request : request + " " + status;
  }

  /** What {@link #line} has made. */
  static Hit of(String line) {
    String[] words = line.split(" ", -1);
    return new Hit(
        Long.parseLong(words[0]),
        words[1],
        words[2],
        Long.parseLong(words[3]),
        words[4].equals("W"),
        words[5],
        words.length > 6 ? Integer.parseInt(words[6]) : UNANSWERED);
  }

  boolean hasEpoch() {
    return epoch != NO_EPOCH;
  }

  boolean isExecuted() {
    return status == EXECUTED;
  }
}
