package dev.understudy.agreement.etcd;

import dev.understudy.agreement.register.RegisterException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Failure of one HTTP request to one member, with its remedy. */
final class EtcdCallFailure extends RegisterException {
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

  EtcdCallFailure(Remedy remedy, Reason reason, String message) {
    this(remedy, reason, message, null, null);
  }

  EtcdCallFailure(
      Remedy remedy,
      Reason reason,
      String message,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(reason, message, retryAfter, cause);
    this.remedy = remedy;
  }

  /** The failure of a call of which no byte was sent. */
  EtcdCallFailure notSent() {
    return reason().mayBeCarriedOut()
        ? new EtcdCallFailure(
            remedy, Reason.NOT_TAKEN, String.valueOf(getMessage()), retryAfter(), getCause())
        : this;
  }

  Remedy remedy() {
    return remedy;
  }
}
