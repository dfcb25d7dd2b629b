package dev.understudy.notification;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A receiver and what came of its notifications so far.
 *
 * @param format in small letters
 * @param waiting those not delivered yet
 * @param delivered how many, since the start
 * @param failed how many the receiver refused for good
 * @param dropped how many left the full queue undelivered
 * @param last what came of the last message; null before the first
 */
public record ReceiverStatus(
    String name,
    String format,
    int waiting,
    long delivered,
    long failed,
    long dropped,
    @Nullable Delivery last) {
  /**
   * What came of one message.
   *
   * @param detail for people, on one line
   * @param next when it is sent again; null if it is done with
   */
  public record Delivery(
      Outcome outcome, Instant at, long tookMillis, String detail, @Nullable Instant next) {
    /** Whether it was delivered. */
    public boolean ok() {
      return outcome == Outcome.DELIVERED;
    }
  }

  /** Outcomes of a message. */
  public enum Outcome {
    DELIVERED,
    /** It is sent again later. */
    DELAYED,
    /** The receiver refuses it, so that it is not sent again. */
    FAILED
  }
}
