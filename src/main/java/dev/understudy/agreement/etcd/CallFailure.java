package dev.understudy.agreement.etcd;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why one HTTP request to one member failed, and what may be done about it. */
final class CallFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What may be done about it. */
  enum Remedy {
    /** There was no connection, so nothing was sent: another member, in the same call. */
    ANOTHER_MEMBER_NOW,
    /** It may have been carried out: another member, from the next call on. */
    ANOTHER_MEMBER_NEXT,
    /** The token is not accepted, and nothing was carried out: a new one, in the same call. */
    NEW_TOKEN,
    /** The lease has run out, and nothing was carried out: a new one, in the same call. */
    NEW_LEASE,
    /** There is no authentication: no token. */
    NO_TOKEN,
    /** Nothing here. */
    NONE
  }

  private final Remedy remedy;
  private final Reason reason;
  private final transient @Nullable Duration retryAfter;

  CallFailure(Remedy remedy, Reason reason, String message) {
    this(remedy, reason, message, null, null);
  }

  CallFailure(
      Remedy remedy,
      Reason reason,
      String message,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, cause, false, false);
    this.remedy = remedy;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  Remedy remedy() {
    return remedy;
  }

  Reason reason() {
    return reason;
  }

  RegisterException forCaller() {
    return new RegisterException(reason, String.valueOf(getMessage()), retryAfter, getCause());
  }
}
