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

  /**
   * Prepares a change beside one of other listeners.
   *
   * @param freed whether the port of a listener is closed when the other change is {@link
   *     Change#release released}; it is bound at the commit
   */
  default Change prepare(List<Listener> next, Predicate<Listener> freed) {
    return prepare(next);
  }

  /** Whether the port of a listener of another set is closed here once {@code next} is in force. */
  default boolean frees(Listener port, List<Listener> next) {
    return false;
  }

  /** A prepared change, which is either committed or rolled back, unless it has problems. */
  interface Change {
    /** Changes nothing. */
    Change NONE = new Change() {};

    /** Why the listeners cannot be put into force, one sentence each; then nothing changed. */
    default List<String> problems() {
      return List.of();
    }

    /** Closes the listeners that are gone, and returns when their ports are free; must not fail. */
    default void release() {}

    /** Releases what is not yet, and puts the new listeners into force; must not fail. */
    default void commit() {}

    /** Closes the ports that were opened; must not fail. */
    default void rollBack() {}
  }

  /** This set for the listeners that are {@code its}, {@code other} for all others. */
  default ListenerSet with(Predicate<Listener> its, ListenerSet other) {
    return next -> {
      List<Listener> here = next.stream().filter(its).toList();
      List<Listener> there = next.stream().filter(its.negate()).toList();
      Change first = prepare(here, port -> other.frees(port, there));
      Change second = other.prepare(there, port -> frees(port, here));
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
        first.release();
        second.release();
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
