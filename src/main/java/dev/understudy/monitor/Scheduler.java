package dev.understudy.monitor;

import dev.understudy.agreement.Loop;

/** The monitor's one thread with its timers and its clock. */
interface Scheduler extends Loop, AutoCloseable {
  /** Forgets all tasks and timers that have not begun. */
  @Override
  void close();
}
