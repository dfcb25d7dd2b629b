package dev.understudy.agreement.register;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a call of a {@link Register} failed with. The message is one line, for people. */
public final class RegisterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is known of the call's effect. */
  public enum Reason {
    /** Nothing was written: the entry has another revision, exists already, or does not exist. */
    CONFLICT,
    /** Nothing was written, and the same call will hardly do better: no permission, for one. */
    REFUSED,
    /** It may have been carried out or not: a time-out, a broken connection, an error there. */
    UNCERTAIN,
    /** Of a watch: the history from its revision on is no longer there. List, then watch anew. */
    GONE
  }

  private final Reason reason;
  private final @Nullable Duration retryAfter;

  public RegisterException(Reason reason, String message) {
    this(reason, message, null, null);
  }

  /**
   * One with what led to it.
   *
   * @param retryAfter how long the store asks us to wait (RFC 9110 §10.2.3); null: nothing asked
   */
  public RegisterException(
      Reason reason, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  public Reason reason() {
    return reason;
  }

  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
