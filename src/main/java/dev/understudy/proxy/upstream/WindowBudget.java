package dev.understudy.proxy.upstream;

import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that wider flow-control windows of all HTTP/2 streams to servers may take, for the
 * process: clients that stop reading leave as much here as a window holds. Thread-safe.
 */
final class WindowBudget {
  /** An eighth of the direct memory that Netty may use. */
  static final WindowBudget SHARED = new WindowBudget(PlatformDependent.maxDirectMemory() / 8);

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param most bytes
   */
  WindowBudget(long most) {
    this.most = most;
  }

  /** Takes so many bytes, to be given back; returns false if not so many are left. */
  boolean take(int bytes) {
    if (taken.addAndGet(bytes) > most) {
      taken.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void giveBack(int bytes) {
    taken.addAndGet(-bytes);
  }

  /** Bytes that were taken and not given back. */
  long taken() {
    return taken.get();
  }
}
