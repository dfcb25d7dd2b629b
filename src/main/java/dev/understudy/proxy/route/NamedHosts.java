package dev.understudy.proxy.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the tree of hosts holds for each host that a route names in full, gathered when the table is
 * made: one look finds it, where the tree takes one for each label. Longer ones than DNS has are
 * left to the tree. Immutable.
 *
 * <p>With thousands of routes a search costs what it misses in the processor's cache. So a slot is
 * four numbers side by side, and all keys stand in one array. Keys are the configuration's, so that
 * no client can crowd a slot.
 */
final class NamedHosts {
  /** No such host. */
  static final int NOTHING = -1;

  static final NamedHosts NONE = of(List.of(), new Tree<>());

  /** A name in DNS has 253 characters at most; the length of a key is a byte. */
  private static final int LONGEST = 255;

  /** What a slot has: its key's hash, the key, its rank, and the place of its paths. */
  private static final int HASH = 0;

  private static final int KEY = 1;
  private static final int RANK = 2;
  private static final int PATHS = 3;
  private static final int FIELDS = 4;

  /** Of an empty slot; the first key begins behind it. */
  private static final int NO_KEY = 0;

  private final int[] slots;
  private final byte[] keys;
  private final List<List<Tree<Slot>>> paths = new ArrayList<>();

  private NamedHosts(int hosts, int characters) {
    // A third of the slots at least stays empty: searches are short, and end.
    slots = new int[FIELDS * Math.max(1, Integer.highestOneBit(Math.max(1, 3 * hosts)))];
    keys = new byte[1 + hosts + characters];
  }

  /**
   * What that tree holds for those hosts.
   *
   * @param patterns hosts named in full are taken, each once, the others left to the tree
   */
  static NamedHosts of(List<NamePattern> patterns, Tree<Tree<Slot>> tree) {
    List<NamePattern> named = patterns.stream().filter(NamedHosts::isNamed).distinct().toList();
    NamedHosts hosts =
        new NamedHosts(named.size(), named.stream().mapToInt(each -> text(each).length()).sum());
    int key = NO_KEY + 1;
    for (NamePattern each : named) {
      key = hosts.add(text(each), key, Held.by(tree, each.names()));
    }
    return hosts;
  }

  private static boolean isNamed(NamePattern pattern) {
    return pattern.end() == NamePattern.End.HERE
        && pattern.exact()
        && text(pattern).length() <= LONGEST;
  }

  private static String text(NamePattern pattern) {
    return String.join(".", pattern.names().reversed());
  }

  /**
   * Adds one.
   *
   * @param key where it is to begin in the array of keys
   * @return where the next one is
   */
  private int add(String host, int key, Held held) {
    int hash = host.hashCode();
    int i = first(hash);
    while (slots[i + KEY] != NO_KEY) {
      i = after(i);
    }
    slots[i + HASH] = hash;
    slots[i + KEY] = key;
    slots[i + RANK] = held.rank();
    slots[i + PATHS] = held.paths().isEmpty() ? NOTHING : paths.size();
    if (!held.paths().isEmpty()) {
      paths.add(held.paths());
    }
    keys[key] = (byte) host.length();
    for (int at = 0; at < host.length(); at++) {
      keys[key + 1 + at] = (byte) host.charAt(at);
    }
    return key + 1 + host.length();
  }

  /**
   * The entry of a host in small letters; {@link #NOTHING}: there is none.
   *
   * @param end where it ends in the text
   */
  int find(String text, int end) {
    int hash = end == text.length() ? text.hashCode() : hash(text, end);
    int i = first(hash);
    while (slots[i + KEY] != NO_KEY) {
      if (slots[i + HASH] == hash && isKey(slots[i + KEY], text, end)) {
        return i;
      }
      i = after(i);
    }
    return NOTHING;
  }

  /** The smallest of those routes that ask for nothing more than the host. */
  int rank(int entry) {
    return slots[entry + RANK];
  }

  /** Those of the other routes; null: there are none. */
  @Nullable List<Tree<Slot>> paths(int entry) {
    int place = slots[entry + PATHS];
    return place == NOTHING ? null : paths.get(place);
  }

  private boolean isKey(int key, String text, int end) {
    if ((keys[key] & 0xff) != end) {
      return false;
    }
    for (int i = 0; i < end; i++) {
      if (keys[key + 1 + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** As {@link String#hashCode()}. */
  private static int hash(String text, int end) {
    int hash = 0;
    for (int i = 0; i < end; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return hash;
  }

  private int first(int hash) {
    return FIELDS * Names.slot(hash) & (slots.length - 1);
  }

  private int after(int slot) {
    return (slot + FIELDS) & (slots.length - 1);
  }

  /** What is met on the way through the tree. */
  private record Held(int rank, List<Tree<Slot>> paths) {
    /**
     * For one host.
     *
     * @param names its labels, from the right
     */
    static Held by(Tree<Tree<Slot>> tree, List<String> names) {
      int rank = Tree.NONE;
      List<@Nullable Tree<Slot>> paths = new ArrayList<>();
      Tree<Tree<Slot>> place = tree;
      for (int i = 0; place != null; i++) {
        rank = Math.min(rank, place.restRank);
        paths.add(place.rest);
        if (i == names.size()) {
          rank = Math.min(rank, place.hereRank);
          paths.add(place.here);
          break;
        }
        boolean last = i == names.size() - 1;
        if (last) {
          rank = Math.min(rank, Math.min(place.oneRank, place.rankBelow(names.get(i))));
          paths.add(place.one);
        }
        place = place.at(names.get(i));
      }
      return new Held(rank, paths.stream().filter(Objects::nonNull).toList());
    }
  }
}
