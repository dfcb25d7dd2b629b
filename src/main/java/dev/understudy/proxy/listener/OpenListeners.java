package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import java.util.List;

/** The open listeners of the dynamic file. */
public interface OpenListeners {
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

    /** Closes the listeners that are gone, and puts the new listeners into force; must not fail. */
    default void commit() {}

    /** Closes the ports that were opened; must not fail. */
    default void rollBack() {}
  }
}
