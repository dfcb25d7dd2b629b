package dev.understudy.proxy.route;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of names. A part of a longer text is looked up without being copied. A key has a
 * rank, a value, or both. Filled first, then only read. Keys come from the configuration, so that
 * no client can crowd a slot.
 *
 * <p>All keys are in one array, one after the other, each with its rank: as separate objects those
 * of thousands of routes would cost each search several misses of the processor's cache; like this
 * they mostly stay in it.
 */
final class NameTable<T> {
  /** The length of the longest key, in characters. */
  static final int LONGEST = Character.MAX_VALUE;

  /** The result for an unknown key, or for an entry without a value. */
  static final int NOTHING = -1;

  private static final int FIRST_CAPACITY = 4;

  /**
   * The layout of the numbers before a key's characters: its length, its rank, the place of its
   * value.
   */
  private static final int LENGTH = 0;

  private static final int RANK = 1;
  private static final int VALUE = 3;
  private static final int PREFIX = 5;

  /** The positions of entries in {@code keys}. Open addressing: an empty slot ends a search. */
  int[] slots = {};

  private char[] keys = {};
  private int used;
  private int size;

  private @Nullable Object[] values = {};
  private int valued;

  /**
   * Hashes a part of a text without regard to letter case, so that the hash serves both kinds of
   * lookup.
   */
  static int hash(String text, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = step(hash, text.charAt(i));
    }
    return hash;
  }

  /** The hash of a text continued by one character. */
  static int step(int hash, char c) {
    return 31 * hash + (c | 0x20);
  }

  /**
   * The entry of a part of a text; {@link #NOTHING} if there is none.
   *
   * @param hash the hash of that part
   * @param ignoreCase whether to ignore the case of ASCII letters; keys must then be in small
   *     letters
   */
  int find(String text, int from, int to, int hash, boolean ignoreCase) {
    if (size == 0) {
      return NOTHING;
    }
    int mask = slots.length - 1;
    int length = to - from;
    for (int i = slot(hash) & mask; ; i = (i + 1) & mask) {
      int entry = slots[i];
      if (entry == NOTHING
          || (keys[entry + LENGTH] == length
              && isKey(entry + PREFIX, text, from, to, ignoreCase))) {
        return entry;
      }
    }
  }

  /** The smallest rank that the entry was given; {@link NameTree#NONE} if none. */
  int rank(int entry) {
    return number(entry + RANK);
  }

  /** The value of the entry; null if it was given none. */
  @SuppressWarnings("unchecked") // put() takes only T
  @Nullable T value(int entry) {
    int place = number(entry + VALUE);
    return place == NOTHING ? null : (T) values[place];
  }

  private boolean isKey(int key, String text, int from, int to, boolean ignoreCase) {
    int at = key;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (keys[at++] != (ignoreCase ? small(c) : c)) {
        return false;
      }
    }
    return true;
  }

  private static char small(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
  }

  @Nullable T get(String key) {
    int entry = find(key);
    return entry == NOTHING ? null : value(entry);
  }

  int rank(String key) {
    int entry = find(key);
    return entry == NOTHING ? NameTree.NONE : rank(entry);
  }

  private int find(String key) {
    return find(key, 0, key.length(), hash(key, 0, key.length()), false);
  }

  /**
   * Gives a value to a key without one.
   *
   * @param key of at most {@link #LONGEST} characters
   */
  void put(String key, T value) {
    if (valued == values.length) {
      values = Arrays.copyOf(values, Math.max(1, 2 * valued));
    }
    setNumber(findOrAdd(key) + VALUE, valued);
    values[valued++] = value;
  }

  /**
   * Gives a rank to a key, unless it has a smaller one.
   *
   * @param key of at most {@link #LONGEST} characters
   */
  void rank(String key, int rank) {
    int entry = findOrAdd(key);
    setNumber(entry + RANK, Math.min(rank, rank(entry)));
  }

  private int findOrAdd(String key) {
    int known = find(key);
    if (known != NOTHING) {
      return known;
    }
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    int entry = append(key);
    place(hash(key, 0, key.length()), entry);
    size++;
    return entry;
  }

  private int append(String key) {
    int entry = used;
    int end = entry + PREFIX + key.length();
    if (end > keys.length) {
      keys = Arrays.copyOf(keys, entry == 0 ? end : 2 * end);
    }
    keys[entry + LENGTH] = (char) key.length();
    setNumber(entry + RANK, NameTree.NONE);
    setNumber(entry + VALUE, NOTHING);
    key.getChars(0, key.length(), keys, entry + PREFIX);
    used = end;
    return entry;
  }

  private int number(int at) {
    return (keys[at] << Character.SIZE) | keys[at + 1];
  }

  private void setNumber(int at, int number) {
    keys[at] = (char) (number >>> Character.SIZE);
    keys[at + 1] = (char) number;
  }

  /** Doubles the slots, of which at least half stay empty, so that searches are short, and end. */
  private void grow() {
    slots = new int[Math.max(FIRST_CAPACITY, 2 * slots.length)];
    Arrays.fill(slots, NOTHING);
    for (int entry = 0; entry < used; entry += PREFIX + keys[entry + LENGTH]) {
      place(hash(entry + PREFIX, keys[entry + LENGTH]), entry);
    }
  }

  private int hash(int from, int length) {
    int hash = 0;
    for (int i = from; i < from + length; i++) {
      hash = step(hash, keys[i]);
    }
    return hash;
  }

  private void place(int hash, int entry) {
    int mask = slots.length - 1;
    int i = slot(hash) & mask;
    while (slots[i] != NOTHING) {
      i = (i + 1) & mask;
    }
    slots[i] = entry;
  }

  /**
   * The slot of a hash, mixed: names that count up would otherwise be side by side and make long
   * searches.
   */
  static int slot(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 16);
  }
}
