package dev.understudy.proxy.gateway;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the failures of one filter or predicate of a route: one line in ten seconds.
 *
 * @param what the extension, with its jar
 */
record ExtensionLog(String what, LogRateLimit limit) {
  private static final Logger log = LoggerFactory.getLogger(ExtensionLog.class);

  ExtensionLog(String what) {
    this(what, new LogRateLimit());
  }

  /** Tells what an extension has thrown, or that its requests are more than may wait. */
  Failure failed(@Nullable Object route, Throwable error) {
    return error instanceof RejectedExecutionException
        ? tell(503, route, "has no free thread, and too many requests wait", null)
        : tell(500, route, "failed", error);
  }

  /** Tells that an extension has not come to an end. */
  Failure overdue(@Nullable Object route, Duration limit) {
    String seconds = String.format(Locale.ROOT, "%.3f", limit.toMillis() / 1000d);
    return tell(504, route, "was given up after " + seconds + " s", null);
  }

  private Failure tell(int status, @Nullable Object route, String why, @Nullable Throwable error) {
    long leftOut = limit.permit();
    if (leftOut != LogRateLimit.SILENT) {
      log.error(
          "{} of route {} {} ({} more since the last line)", what, route, why, leftOut, error);
    }
    return new Failure(status, what + " " + why);
  }

  /** The end of a request by an extension that failed, which has been told already. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Of the response. */
    final int status;

    Failure(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }
}
