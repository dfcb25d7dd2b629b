package dev.understudy.fairness;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue that takes turns between networks of clients: one that brings much waits for
 * itself. Once the queue is full, a newcomer displaces the newest of the network that has the most,
 * if that keeps as many as the newcomer's then has. Thread-safe.
 */
public final class FairQueue<T> {
  private final int max;

  /** In the order of their turns. */
  private final Map<ClientNetwork, SequencedSet<T>> byNetwork = new LinkedHashMap<>();

  /** The networks by how many values each has: those with the most are found at once. */
  private final NavigableMap<Integer, SequencedSet<ClientNetwork>> bySize = new TreeMap<>();

  private int size;

  public FairQueue(int max) {
    this.max = max;
  }

  /**
   * Adds a value.
   *
   * @return the value that has no place now, which may be the added one; null if all have
   */
  public @Nullable T add(ClientNetwork network, T value) {
    return add(network, value, max);
  }

  /**
   * Adds a value to a queue whose bound may change.
   *
   * @param bound that of now, instead of the constructor's
   * @return the value that has no place now, which may be the added one; null if all have
   */
  public synchronized @Nullable T add(ClientNetwork network, T value, int bound) {
    SequencedSet<T> own = byNetwork.get(network);
    int before = own == null ? 0 : own.size();
    T displaced = null;
    if (size >= bound) {
      Entry<Integer, SequencedSet<ClientNetwork>> most = bySize.lastEntry();
      if (size > bound || most == null || most.getKey() <= before + 1) {
        return value;
      }
      // It has at least two, so that it keeps its turn.
      ClientNetwork largest = most.getValue().getFirst();
      displaced = Objects.requireNonNull(byNetwork.get(largest)).removeLast();
      count(largest, most.getKey(), most.getKey() - 1);
    }
    byNetwork.computeIfAbsent(network, first -> new LinkedHashSet<>()).addLast(value);
    count(network, before, before + 1);
    return displaced;
  }

  private void count(ClientNetwork network, int before, int now) {
    size += now - before;
    bySize.computeIfPresent(
        before, (n, those) -> those.remove(network) && those.isEmpty() ? null : those);
    if (now > 0) {
      bySize.computeIfAbsent(now, first -> new LinkedHashSet<>()).addLast(network);
    }
  }

  /** Takes the oldest value of the network whose turn it is; null if there is none. */
  public synchronized @Nullable T poll() {
    Iterator<Entry<ClientNetwork, SequencedSet<T>>> turns = byNetwork.entrySet().iterator();
    if (!turns.hasNext()) {
      return null;
    }
    Entry<ClientNetwork, SequencedSet<T>> turn = turns.next();
    ClientNetwork network = turn.getKey();
    SequencedSet<T> values = turn.getValue();
    turns.remove();
    T value = values.removeFirst();
    count(network, values.size() + 1, values.size());
    if (!values.isEmpty()) {
      byNetwork.put(network, values);
    }
    return value;
  }

  /** Removes a value; false if it has been taken or displaced. */
  public synchronized boolean remove(ClientNetwork network, T value) {
    SequencedSet<T> values = byNetwork.get(network);
    if (values == null || !values.remove(value)) {
      return false;
    }
    count(network, values.size() + 1, values.size());
    if (values.isEmpty()) {
      byNetwork.remove(network);
    }
    return true;
  }

  /** All values at present. */
  public synchronized List<T> values() {
    return byNetwork.values().stream().flatMap(Collection::stream).toList();
  }

  public synchronized int size() {
    return size;
  }
}
