package dev.understudy.bench.soak;

import dev.understudy.bench.soak.Visit.Window;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** All clients at once, each going on and on with its habit, until it is stopped. */
final class Traffic implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  private Traffic() {}

  /**
   * @param faults those so far
   */
  static Traffic start(
      Frontends frontends, Orders orders, Tally tally, Supplier<Collection<Window>> faults) {
    Traffic traffic = new Traffic();
    for (Habit habit : Habit.values()) {
      for (int i = 0; i < habit.clients(); i++) {
        traffic.threads.add(
            Thread.startVirtualThread(
                () -> traffic.live(new Guest(habit, frontends, orders), tally, faults)));
      }
    }
    return traffic;
  }

  private void live(Guest guest, Tally tally, Supplier<Collection<Window>> faults) {
    try (guest) {
      while (!stopping) {
        Visit visit = guest.visit();
        tally.add(visit, faults.get());
        Thread.sleep(guest.habit().pause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets the visits under way end, and closes all connections. */
  @Override
  public void close() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
