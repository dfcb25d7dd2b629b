package dev.understudy.notification;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What waits for one receiver, bounded: at the bound, the oldest is dropped. */
final class Outbox {
  static final int MOST = 256;
  static final int MOST_CHARS = 1 << 20;

  /** More are a storm, which one message tells of. */
  static final int STORM = 20;

  private final Deque<Notification> waiting = new ArrayDeque<>();
  private int chars;

  /**
   * Adds one.
   *
   * @return how many were dropped for it
   */
  int add(Notification notification) {
    waiting.add(notification);
    chars += weight(notification);
    int dropped = 0;
    while (waiting.size() > MOST || (chars > MOST_CHARS && waiting.size() > 1)) {
      chars -= weight(waiting.remove());
      dropped++;
    }
    return dropped;
  }

  private static int weight(Notification notification) {
    return notification.document().length() + notification.message().length();
  }

  /** The notifications of the next message, oldest first; empty if none waits. */
  List<Notification> next(Format format) {
    return format.takesMany() || waiting.size() > STORM
        ? List.copyOf(waiting)
        : waiting.stream().limit(1).toList();
  }

  /** Removes those that are done with. */
  void remove(List<Notification> done) {
    for (Notification each : done) {
      if (waiting.remove(each)) {
        chars -= weight(each);
      }
    }
  }

  /** All, oldest first. */
  List<Notification> waiting() {
    return List.copyOf(waiting);
  }
}
