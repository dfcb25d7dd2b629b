package dev.understudy.agreement.etcd;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Failure of one HTTP request to one member, with its remedy. */
final class CallFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Measure against a failure. */
  enum Remedy {
    /** There was no connection, so nothing was sent: try another member in the same call. */
    ANOTHER_MEMBER_NOW,
    /** The request may have been carried out: use another member from the next call on. */
    ANOTHER_MEMBER_NEXT,
    /** The token was rejected, and nothing was carried out: get a new one in the same call. */
    NEW_TOKEN,
    /** The lease has expired, and nothing was carried out: get a new one in the same call. */
    NEW_LEASE,
    /** etcd has no authentication: send no token. */
    NO_TOKEN,
    /** No remedy here. */
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
