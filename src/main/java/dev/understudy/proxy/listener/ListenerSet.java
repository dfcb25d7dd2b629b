package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The open listeners of the dynamic file, or those of one kind. */
public interface ListenerSet {
  /**
   * Opens the ports of new listeners, and prepares the changes of others; nothing else changes.
   * Called by one thread at a time. Pools that listeners lead to exist by then.
   */
  Change prepare(List<Listener> next);

  /** A prepared change, which is either committed or rolled back, unless it has problems. */
  interface Change {
    /** Changes nothing. */
    Change NONE = new Change() {};

    /** Why the listeners cannot be put into force, one sentence each; then nothing changed. */
    default List<String> problems() {
      return List.of();
    }

    /** Puts the new listeners into force and closes those that are gone; must not fail. */
    default void commit() {}

    /** Closes the ports that were opened; must not fail. */
    default void rollBack() {}
  }

  /** This set for the listeners that are {@code its}, {@code other} for all others. */
  default ListenerSet with(Predicate<Listener> its, ListenerSet other) {
    return next -> {
      Change first = prepare(next.stream().filter(its).toList());
      Change second = other.prepare(next.stream().filter(its.negate()).toList());
      return both(first, second);
    };
  }

  private static Change both(Change first, Change second) {
    List<String> problems =
        Stream.concat(first.problems().stream(), second.problems().stream()).toList();
    if (!problems.isEmpty()) {
      Stream.of(first, second).filter(each -> each.problems().isEmpty()).forEach(Change::rollBack);
    }
    return new Change() {
      @Override
      public List<String> problems() {
        return problems;
      }

      @Override
      public void commit() {
        first.commit();
        second.commit();
      }

      @Override
      public void rollBack() {
        first.rollBack();
        second.rollBack();
      }
    };
  }
}
