package dev.understudy.bench.faults;

/**
 * A request that reached a server of the application, as it stands in the register.
 *
 * @param nanos when the server took it up, by the clock of all processes of the machine
 * @param replica through which it came
 * @param epoch that it carried; {@link #NO_EPOCH} if none
 * @param write whether it is a write; else a read
 * @param id of the client's request; a read that is replayed has the same
 */
record Hit(long nanos, String server, String replica, long epoch, boolean write, String id) {
  static final long NO_EPOCH = -1;

  /** As one line without its end. */
  String line() {
    return nanos
        + " "
        + server
        + " "
        + replica
        + " "
        + epoch
        + " "
        + (write ? "W" : "R")
        + " "
        + id;
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
        words[5]);
  }

  boolean hasEpoch() {
    return epoch != NO_EPOCH;
  }
}
