package dev.understudy.agreement.quorum;

import dev.understudy.agreement.register.RegisterException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Reads the failures of a register's calls. */
final class RegisterFailures {
  private RegisterFailures() {}

  static boolean isConflict(@Nullable Throwable failure) {
    return reason(failure) == RegisterException.Reason.CONFLICT;
  }

  /** What is known of the failed call's effect. */
  static RegisterException.Reason reason(@Nullable Throwable failure) {
    return unwrap(failure) instanceof RegisterException e
        ? e.reason()
        : RegisterException.Reason.UNCERTAIN;
  }

  static @Nullable Duration retryAfter(@Nullable Throwable failure) {
    return unwrap(failure) instanceof RegisterException e ? e.retryAfter() : null;
  }

  /** The failure in one line, for people. */
  static String text(@Nullable Throwable failure) {
    Throwable cause = unwrap(failure);
    if (cause == null) {
      return "no reason given";
    }
    return cause instanceof RegisterException
        ? String.valueOf(cause.getMessage())
        : cause.toString();
  }

  private static @Nullable Throwable unwrap(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
