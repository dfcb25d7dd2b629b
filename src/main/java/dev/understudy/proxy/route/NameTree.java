package dev.understudy.proxy.route;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node of a tree of names (labels of a host, segments of a path), in which every {@link
 * NamePattern} has a place. Filled first, then only read.
 *
 * <p>Ranks order routes: the smaller comes first. The ranks of routes that are not compiled are
 * even, and so is {@link #NONE}.
 */
final class NameTree<V> {
  static final int NONE = Integer.MAX_VALUE - 1;

  /** The value for names that end here. */
  @Nullable V here;

  /** The value for names that end here or below. */
  @Nullable V rest;

  /** The value for names that end one name below. */
  @Nullable V one;

  /**
   * The smallest rank of routes that require nothing but names that end here; where a literal name
   * leads here, {@link NameTable} has it instead.
   */
  int hereRank = NONE;

  /** The smallest rank of routes that require nothing but names that end here or below. */
  int restRank = NONE;

  /** The smallest rank of routes that require nothing but names that end one name below. */
  int oneRank = NONE;

  /** The place after any name that is not empty; null if there is none. */
  @Nullable NameTree<V> some;

  /** The places after literal names; null if there are none. */
  @Nullable NameTable<NameTree<V>> names;

  /** The smallest rank here and below, but for {@code rest} and {@code restRank} of this place. */
  int below = NONE;

  /** The value for a pattern; made if there is none yet. */
  V put(NamePattern pattern, int rank, Supplier<V> maker) {
    NameTree<V> place = descend(pattern.names(), rank);
    if (pattern.end() != NamePattern.End.REST) {
      place.below = Math.min(place.below, rank);
    }
    return switch (pattern.end()) {
      case HERE -> {
        V known = place.here == null ? maker.get() : place.here;
        place.here = known;
        yield known;
      }
      case REST -> {
        V known = place.rest == null ? maker.get() : place.rest;
        place.rest = known;
        yield known;
      }
      case ONE -> {
        V known = place.one == null ? maker.get() : place.one;
        place.one = known;
        yield known;
      }
    };
  }

  /**
   * Adds a route that requires nothing but this pattern: by far the most frequent case, which needs
   * no further object, nor even a place where the pattern ends with a literal name.
   */
  void put(NamePattern pattern, int rank) {
    List<String> names = pattern.names();
    if (pattern.end() == NamePattern.End.HERE
        && !names.isEmpty()
        && !names.getLast().equals(NamePattern.SOME)) {
      NameTree<V> before = descend(names.subList(0, names.size() - 1), rank);
      before.below = Math.min(before.below, rank);
      before.following().rank(names.getLast(), rank);
      return;
    }
    NameTree<V> place = descend(names, rank);
    switch (pattern.end()) {
      case HERE -> {
        place.below = Math.min(place.below, rank);
        place.hereRank = Math.min(place.hereRank, rank);
      }
      case ONE -> {
        place.below = Math.min(place.below, rank);
        place.oneRank = Math.min(place.oneRank, rank);
      }
      case REST -> place.restRank = Math.min(place.restRank, rank);
    }
  }

  /** The place where these names end; made if there is none yet. */
  private NameTree<V> descend(List<String> path, int rank) {
    NameTree<V> place = this;
    for (String name : path) {
      place.below = Math.min(place.below, rank);
      place = place.next(name);
    }
    return place;
  }

  /** The place after a literal name; null if there is none. */
  @Nullable NameTree<V> at(String name) {
    return names == null ? null : names.get(name);
  }

  /** The smallest rank of routes that require nothing but that literal name below. */
  int rankBelow(String name) {
    return names == null ? NONE : names.rank(name);
  }

  private NameTable<NameTree<V>> following() {
    if (names == null) {
      names = new NameTable<>();
    }
    return names;
  }

  private NameTree<V> next(String name) {
    if (name.equals(NamePattern.SOME)) {
      some = some == null ? new NameTree<>() : some;
      return some;
    }
    NameTree<V> known = following().get(name);
    if (known == null) {
      known = new NameTree<>();
      following().put(name, known);
    }
    return known;
  }
}
