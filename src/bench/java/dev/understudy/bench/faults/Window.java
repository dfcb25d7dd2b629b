package dev.understudy.bench.faults;

import java.util.Locale;

/**
 * A fault as it was carried out.
 *
 * @param start before it began
 * @param end when all was mended
 * @param note how an attempt of an operator's, or a new start, ended; empty if there is nothing to
 *     say
 */
record Window(Kind kind, String target, long start, long end, String note) {
  /** Whether it was in force in that time, or for that long before. */
  boolean overlaps(long from, long to, long aftermath) {
    return start <= to && end + aftermath >= from;
  }

  /** The replica that its target names, empty if it names none. */
  String replica() {
    return target.startsWith("r") && !target.equals("record") ? target.substring(0, 2) : "";
  }

  /** The server that its target names, empty if it names none. */
  String server() {
    String last = target.substring(target.indexOf('-') + 1);
    return Parts.SERVERS.contains(last) ? last : "";
  }

  /** For how much of that time it was in force. */
  long within(long from, long to) {
    return Math.max(0, Math.min(end, to) - Math.max(start, from));
  }

  String line(long begin) {
    return String.format(
            Locale.ROOT,
            "%7.2f s to %7.2f s  %s %s  %s",
            (start - begin) / 1e9,
            (end - begin) / 1e9,
            kind.text(),
            target,
            note)
        .stripTrailing();
  }
}
