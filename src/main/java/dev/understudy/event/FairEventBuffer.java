package dev.understudy.event;

import dev.understudy.pool.PoolId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The newest events within a budget, shared fairly: when it is exceeded, the kind that takes most
 * of it gives up the oldest event of its pool with most. So a server that flaps costs its own
 * pool's changes of health, not the switches and the operators' acts. The newest event always
 * stays. Not safe for several threads.
 */
public final class FairEventBuffer<E extends FairEventBuffer.Item> {
  /** What an event is ordered and grouped by. */
  public interface Item {
    /** Grows with each event. */
    long id();

    /** The pool that it concerns; null for the whole replica. */
    @Nullable PoolId pool();

    Event.Kind kind();
  }

  /** The events of one kind, each pool's oldest first. */
  private static final class Share<E extends Item> {
    private final Map<@Nullable PoolId, Group<E>> pools = new HashMap<>();
    private long weight;

    Group<E> group(E event) {
      return pools.computeIfAbsent(event.pool(), pool -> new Group<>());
    }
  }

  private static final class Group<E> {
    private final Deque<E> events = new ArrayDeque<>();
    private long weight;
  }

  private final long budget;
  private final ToIntFunction<? super E> weights;
  private final TreeMap<Long, E> byId = new TreeMap<>();
  private final Map<Event.Kind, Share<E>> shares = new EnumMap<>(Event.Kind.class);
  private long weight;

  /**
   * Creates it without events.
   *
   * @param budget the greatest sum of the events' weights
   * @param weights the weight of an event, which never changes
   */
  public FairEventBuffer(long budget, ToIntFunction<? super E> weights) {
    this.budget = budget;
    this.weights = weights;
  }

  /** Adds an event, whose id exceeds those of all before. */
  public void add(E event) {
    byId.put(event.id(), event);
    Share<E> share = share(event);
    Group<E> group = share.group(event);
    group.events.addLast(event);
    weigh(share, group, weights.applyAsInt(event));
    while (weight > budget && byId.size() > 1) {
      removeOldest(dispensable());
    }
  }

  /** An event of the group that is to give up its oldest one. */
  private E dispensable() {
    E oldest = heaviestGroup().events.getFirst();
    boolean newest = byId.lastKey() == oldest.id();
    return newest ? byId.firstEntry().getValue() : oldest;
  }

  private Group<E> heaviestGroup() {
    Share<E> share =
        shares.values().stream().max(Comparator.comparingLong(each -> each.weight)).orElseThrow();
    return share.pools.values().stream()
        .max(Comparator.comparingLong(each -> each.weight))
        .orElseThrow();
  }

  /** Removes an event that is the oldest of its kind and pool. */
  private void removeOldest(E event) {
    byId.remove(event.id());
    Share<E> share = share(event);
    Group<E> group = share.group(event);
    group.events.removeFirst();
    weigh(share, group, -weights.applyAsInt(event));
    if (group.events.isEmpty()) {
      share.pools.remove(event.pool());
    }
  }

  private Share<E> share(E event) {
    return shares.computeIfAbsent(event.kind(), kind -> new Share<>());
  }

  private void weigh(Share<E> share, Group<E> group, long change) {
    group.weight += change;
    share.weight += change;
    weight += change;
  }

  /**
   * The newest events that are wanted, whatever their kind, oldest first, at most {@code limit}.
   */
  public List<E> newest(int limit, Predicate<? super E> wanted) {
    return byId.descendingMap().values().stream().filter(wanted).limit(limit).toList().reversed();
  }

  /**
   * Events that are wanted, oldest first, at most {@code limit}. If there are more, each kind has
   * an equal share of its newest ones, and what one leaves the others take; none has one of fewer
   * than there are kinds.
   */
  public List<E> shares(int limit, Predicate<? super E> wanted) {
    Map<Event.Kind, List<E>> found = new EnumMap<>(Event.Kind.class);
    for (E event : byId.descendingMap().values()) {
      if (wanted.test(event)) {
        List<E> ofKind = found.computeIfAbsent(event.kind(), kind -> new ArrayList<>());
        if (ofKind.size() < limit) {
          ofKind.add(event);
        }
      }
    }
    List<List<E>> smallestFirst =
        found.values().stream().sorted(Comparator.comparingInt(List::size)).toList();
    boolean unshared = limit < smallestFirst.size();
    List<E> newest = new ArrayList<>();
    for (int i = 0; i < smallestFirst.size(); i++) {
      List<E> ofKind = smallestFirst.get(i);
      int share = unshared ? limit : (limit - newest.size()) / (smallestFirst.size() - i);
      newest.addAll(ofKind.subList(0, Math.min(share, ofKind.size())));
    }
    newest.sort(Comparator.comparingLong(Item::id));
    return List.copyOf(newest.subList(Math.max(0, newest.size() - limit), newest.size()));
  }

  /** The oldest events whose ids exceed {@code id}, at most {@code limit}. */
  public List<E> after(long id, int limit) {
    return byId.tailMap(id, false).values().stream().limit(limit).toList();
  }
}
