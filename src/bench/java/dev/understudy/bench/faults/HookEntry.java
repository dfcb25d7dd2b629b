package dev.understudy.bench.faults;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a server wrote down of one call of a hook.
 *
 * @param nanos by the clock of all processes of the machine
 * @param server that was called
 * @param replica that called
 * @param promote or demote
 */
record HookEntry(
    long nanos, String server, String replica, boolean promote, long epoch, Stage stage) {
  /** How far the call was then. */
  enum Stage {
    /** It came in. */
    BEGUN,
    DONE,
    REFUSED
  }

  HookEntry now(Stage next) {
    return new HookEntry(System.nanoTime(), server, replica, promote, epoch, next);
  }

  String words() {
    return promote ? "promote" : "demote";
  }

  /** For people. */
  static String tally(List<HookEntry> all) {
    Map<Stage, Long> counts =
        all.stream().collect(Collectors.groupingBy(HookEntry::stage, Collectors.counting()));
    return "hooks: %d calls, %d done, %d refused"
        .formatted(
            counts.getOrDefault(Stage.BEGUN, 0L),
            counts.getOrDefault(Stage.DONE, 0L),
            counts.getOrDefault(Stage.REFUSED, 0L));
  }

  String line() {
    return nanos + " " + server + " " + replica + " " + promote + " " + epoch + " " + stage;
  }

  static HookEntry of(String line) {
    String[] words = line.split(" ", -1);
    return new HookEntry(
        Long.parseLong(words[0]),
        words[1],
        words[2],
        Boolean.parseBoolean(words[3]),
        Long.parseLong(words[4]),
        Stage.valueOf(words[5]));
  }
}
