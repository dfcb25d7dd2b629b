package dev.understudy.proxy.http;

/** Bounds how often requests are sent again after a server may have executed them. Thread-safe. */
public interface RetryAllowance {
  /** As often as the pool permits it. */
  RetryAllowance UNLIMITED =
      new RetryAllowance() {
        @Override
        public boolean isLeft() {
          return true;
        }

        @Override
        public boolean take() {
          return true;
        }

        @Override
        public void giveBack() {}
      };

  /** Whether a retry is left, so that the request may go on a connection that may be stale. */
  boolean isLeft();

  /** Takes a retry; false if none is left, so that the request ends with its server's failure. */
  boolean take();

  /** Gives back a retry that was taken, but not made. */
  void giveBack();
}
