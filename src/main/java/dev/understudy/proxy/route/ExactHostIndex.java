package dev.understudy.proxy.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An index of the hosts that routes name in full, with what the tree of hosts holds for each, built
 * with the table: one look finds a host, where the tree needs one for each label. Hosts longer than
 * DNS permits are left to the tree. Immutable.
 *
 * <p>With thousands of routes, misses of the processor's cache are the cost of a search. So a slot
 * is four numbers side by side, and all keys are in one array. Keys come from the configuration, so
 * that no client can crowd a slot.
 */
final class ExactHostIndex {
  /** No such host. */
  static final int NOTHING = -1;

  static final ExactHostIndex NONE = of(List.of(), new NameTree<>());

  /** A name in DNS has 253 characters at most; the length of a key is a byte. */
  private static final int LONGEST = 255;

  /** The fields of a slot: its key's hash, its key, its rank, and the place of its paths. */
  private static final int HASH = 0;

  private static final int KEY = 1;
  private static final int RANK = 2;
  private static final int PATHS = 3;
  private static final int FIELDS = 4;

  /** The key of an empty slot; the first key begins after it. */
  private static final int NO_KEY = 0;

  private final int[] slots;
  private final byte[] keys;
  private final List<List<NameTree<RoutesByMethod>>> paths = new ArrayList<>();

  private ExactHostIndex(int hosts, int characters) {
    // At least a third of the slots stays empty, so that searches are short, and end.
    slots = new int[FIELDS * Math.max(1, Integer.highestOneBit(Math.max(1, 3 * hosts)))];
    keys = new byte[1 + hosts + characters];
  }

  /**
   * Builds the index from a tree of hosts.
   *
   * @param patterns all patterns of hosts; those of hosts named in full are indexed, each once, and
   *     the others left to the tree
   */
  static ExactHostIndex of(List<NamePattern> patterns, NameTree<NameTree<RoutesByMethod>> tree) {
    List<NamePattern> named = patterns.stream().filter(ExactHostIndex::isNamed).distinct().toList();
    ExactHostIndex hosts =
        new ExactHostIndex(
            named.size(), named.stream().mapToInt(each -> text(each).length()).sum());
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
   * Adds a host.
   *
   * @param key where its key begins in the array of keys
   * @return where the next key begins
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
   * The entry of a host in small letters; {@link #NOTHING} if there is none.
   *
   * @param end where the host ends in the text
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

  /** The smallest rank of the routes that require nothing but the host. */
  int rank(int entry) {
    return slots[entry + RANK];
  }

  /** The paths of the other routes; null if there are none. */
  @Nullable List<NameTree<RoutesByMethod>> paths(int entry) {
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
    return FIELDS * NameTable.slot(hash) & (slots.length - 1);
  }

  private int after(int slot) {
    return (slot + FIELDS) & (slots.length - 1);
  }

  /** The smallest rank and the paths that a host meets on its way through the tree. */
  private record Held(int rank, List<NameTree<RoutesByMethod>> paths) {
    /**
     * Collects them for one host.
     *
     * @param names its labels, from the right
     */
    static Held by(NameTree<NameTree<RoutesByMethod>> tree, List<String> names) {
      int rank = NameTree.NONE;
      List<@Nullable NameTree<RoutesByMethod>> paths = new ArrayList<>();
      NameTree<NameTree<RoutesByMethod>> place = tree;
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
