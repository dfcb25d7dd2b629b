package dev.understudy.proxy.route;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A place in a tree of names, in which every {@link NamePattern} has one. Filled first, then only
 * read.
 *
 * <p>Ranks order routes: the smaller comes first. Those of routes that are not compiled are even,
 * and so is {@link #NONE}.
 */
final class Tree<V> {
  static final int NONE = Integer.MAX_VALUE - 1;

  /** What there is for whatever ends here. */
  @Nullable V here;

  /** For whatever ends here or below. */
  @Nullable V rest;

  /** For whatever ends one name below. */
  @Nullable V one;

  /**
   * The smallest rank of those that ask for nothing more than to end here; where a name leads here,
   * that has it.
   */
  int hereRank = NONE;

  /** Of those that ask for nothing more than to end here or below. */
  int restRank = NONE;

  /** Of those that ask for nothing more than to end one name below. */
  int oneRank = NONE;

  /** What follows any name that is not empty. */
  @Nullable Tree<V> some;

  /** What follows which name; null: nothing does. */
  @Nullable Names<Tree<V>> names;

  /** The smallest rank here and below, {@code rest} and {@code restRank} of this place aside. */
  int below = NONE;

  /** What there is for that pattern; made if it is not there yet. */
  V put(NamePattern pattern, int rank, Supplier<V> maker) {
    Tree<V> place = descend(pattern.names(), rank);
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
   * Something that asks for that pattern and nothing more: by far the most frequent, and so found
   * without another object, nor even a place where it ends with a name.
   */
  void put(NamePattern pattern, int rank) {
    List<String> names = pattern.names();
    if (pattern.end() == NamePattern.End.HERE
        && !names.isEmpty()
        && !names.getLast().equals(NamePattern.SOME)) {
      Tree<V> before = descend(names.subList(0, names.size() - 1), rank);
      before.below = Math.min(before.below, rank);
      before.following().rank(names.getLast(), rank);
      return;
    }
    Tree<V> place = descend(names, rank);
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

  /** The place where these names end, which is there from now on. */
  private Tree<V> descend(List<String> path, int rank) {
    Tree<V> place = this;
    for (String name : path) {
      place.below = Math.min(place.below, rank);
      place = place.next(name);
    }
    return place;
  }

  /** What follows that name; null: nothing does. */
  @Nullable Tree<V> at(String name) {
    return names == null ? null : names.get(name);
  }

  /** The smallest rank of those that ask for nothing more than to end with that name below. */
  int rankBelow(String name) {
    return names == null ? NONE : names.rank(name);
  }

  private Names<Tree<V>> following() {
    Names<Tree<V>> known = names == null ? new Names<>() : names;
    names = known;
    return known;
  }

  private Tree<V> next(String name) {
    if (name.equals(NamePattern.SOME)) {
      Tree<V> known = some == null ? new Tree<>() : some;
      some = known;
      return known;
    }
    Tree<V> known = following().get(name);
    if (known == null) {
      known = new Tree<>();
      following().put(name, known);
    }
    return known;
  }
}
