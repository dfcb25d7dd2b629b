package dev.understudy.agreement;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What a replica that decides alone remembers of all pools, of which some have gone, and some have
 * another name than they had. Changed by one thread at a time, read by any.
 */
final class RememberedPools {
  /** Number of removed pools that are remembered, those that changed last. */
  static final int MOST_GONE = 100;

  private final Map<PoolId, RememberedPool> memory = new ConcurrentHashMap<>();

  /** The pools of the file, and their servers. */
  private Map<PoolId, Set<ServerIdentity>> file = Map.of();

  RememberedPools(Map<PoolId, RememberedPool> memory) {
    this.memory.putAll(memory);
  }

  Map<PoolId, RememberedPool> all() {
    return Map.copyOf(memory);
  }

  RememberedPool of(PoolId pool) {
    return memory.getOrDefault(pool, RememberedPool.NONE);
  }

  /** Changes what is remembered of a pool; returns whether it is something else then. */
  boolean change(PoolId pool, UnaryOperator<RememberedPool> change) {
    RememberedPool next = change.apply(of(pool));
    return !next.equals(memory.put(pool, next));
  }

  /** Remembers that instead; returns the pools of which it is something else. */
  List<PoolId> replace(Map<PoolId, RememberedPool> next) {
    Map<PoolId, RememberedPool> before = all();
    memory.keySet().retainAll(next.keySet());
    memory.putAll(next);
    takeAlong(Set.of(), Set.of());
    return Stream.concat(before.keySet().stream(), memory.keySet().stream())
        .distinct()
        .filter(pool -> !of(pool).equals(before.getOrDefault(pool, RememberedPool.NONE)))
        .toList();
  }

  /**
   * Takes a new file as {@link RoleDecisions#exist} says; returns whether that changed anything.
   */
  boolean exist(Collection<Pool> pools, Set<PoolId> going) {
    Map<PoolId, RememberedPool> before = all();
    Set<PoolId> existed = file.keySet();
    Map<PoolId, Set<ServerIdentity>> next = new HashMap<>();
    pools.forEach(pool -> next.put(pool.id(), RenamedPool.servers(pool)));
    file = next;
    takeAlong(existed, going);
    // A pool that is gone for longer than one file is no pool to be renamed from.
    memory.replaceAll(
        (pool, known) -> file.containsKey(pool) ? known : known.with(Set.<ServerIdentity>of()));
    return !memory.equals(before);
  }

  /** Remembers pools of the file that did not exist as those that went and had their servers. */
  private void takeAlong(Set<PoolId> existed, Set<PoolId> going) {
    file.forEach(
        (pool, servers) -> {
          RememberedPool known = of(pool).with(servers);
          memory.put(
              pool, existed.contains(pool) ? known : takenAlong(pool, known, existed, going));
        });
  }

  /** What is known of a new pool, or of the one that it was. */
  private RememberedPool takenAlong(
      PoolId pool, RememberedPool known, Set<PoolId> existed, Set<PoolId> going) {
    List<PoolId> had =
        memory.keySet().stream()
            .filter(each -> !each.equals(pool))
            .filter(each -> !file.containsKey(each) || going.contains(each))
            .filter(each -> RenamedPool.of(of(each).servers(), known.servers()).isPresent())
            .toList();
    // Of several with the same servers nobody can tell which one this was.
    if (had.size() != 1) {
      return known;
    }
    RememberedPool gone = of(had.getFirst());
    boolean anew = existed.contains(had.getFirst()) || known.isEmpty();
    return RenamedPool.isTakenAlong(gone.epoch(), known.epoch(), anew)
        ? RenamedPool.of(gone.servers(), known.servers())
            .map(renamed -> gone.renamed(renamed, known.servers()))
            .orElse(known)
        : known;
  }

  /** Forgets as {@link RoleDecisions#retain} says; returns whether that changed anything. */
  boolean retain(Map<PoolId, Set<ServerId>> servers) {
    Map<PoolId, RememberedPool> before = all();
    memory.replaceAll(
        (pool, known) -> {
          Set<ServerId> existing = servers.get(pool);
          return known.with(
              existing == null ? OperatorStates.NONE : known.operatorStates().only(existing));
        });
    memory.keySet().stream()
        .filter(pool -> !servers.containsKey(pool))
        .sorted(Comparator.comparing((PoolId pool) -> of(pool).since()).reversed())
        .skip(MOST_GONE)
        .toList()
        .forEach(memory::remove);
    return !memory.equals(before);
  }
}
