package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;

/** The monitor's single thread, with its timers and its clock. */
interface Scheduler extends DecisionThread, AutoCloseable {
  /** Drops all tasks and timers that have not begun. */
  @Override
  void close();
}
