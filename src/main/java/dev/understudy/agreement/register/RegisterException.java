package dev.understudy.agreement.register;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Failure of a {@link Register}'s call. The message is one line, for people. */
public class RegisterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Knowledge about the call's effect. */
  public enum Reason {
    /** Nothing was written: the entry has another revision, exists already, or does not exist. */
    CONFLICT,
    /** Nothing was written, and a repetition will hardly do better: no permission, for one. */
    REFUSED,
    /** Nothing was written: the call did not reach the store, or the store had no room for it. */
    NOT_TAKEN,
    /** The outcome is unknown: a time-out, a broken connection, an error of the store. */
    UNCERTAIN,
    /** The history from a watch's revision on no longer exists. List, then watch again. */
    GONE;

    /** Whether the store may have carried the call out, or may do so yet. */
    public boolean mayBeCarriedOut() {
      return this == UNCERTAIN;
    }
  }

  private final Reason reason;
  private final @Nullable Duration retryAfter;

  public RegisterException(Reason reason, String message) {
    this(reason, message, null, null);
  }

  /**
   * A failure with its cause.
   *
   * @param retryAfter waiting time that the store asks for (RFC 9110 §10.2.3); null if none
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
