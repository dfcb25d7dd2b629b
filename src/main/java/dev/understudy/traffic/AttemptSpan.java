package dev.understudy.traffic;

import java.util.function.BiConsumer;

/**
 * The span of one attempt: from the selection of a server until the response has ended, the attempt
 * has failed, or a tunnel has begun. Exactly one of the methods that end it is called, and last.
 */
public interface AttemptSpan {
  /** Passes the header fields for the server, names first; they make this span the parent there. */
  void propagate(BiConsumer<CharSequence, CharSequence> fields);

  /** Records the status of the final response, or 101. */
  void responded(int status);

  /** Ends the span of an attempt whose response was relayed whole, or became a tunnel. */
  void end();

  /**
   * Ends the span of an attempt that failed.
   *
   * @param failure the kind of failure, one of a fixed set of words
   * @param detail the reason for people
   */
  void fail(String failure, String detail);

  /** Ends the span of an attempt that was given up because the request ended. */
  void abandon(EndReason end);
}
