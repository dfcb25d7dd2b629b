package dev.understudy.proxy.route;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A hash table with texts as keys, in which a part of a longer text is found without a copy of it.
 * Filled first, then only read. Keys are the configuration's, so that no client can crowd a slot.
 *
 * <p>All keys stand one behind the other in one array: as objects of their own those of thousands
 * of routes would be two misses of the cache for each search, and so they mostly stay in it.
 */
final class Names<T> {
  /** The longest key, in characters. */
  static final int LONGEST = Character.MAX_VALUE;

  private static final int FIRST_CAPACITY = 4;

  /** Before a key's characters: how many these are, and the place of its value. */
  private static final int LENGTH = 0;

  private static final int INDEX_HIGH = 1;
  private static final int INDEX_LOW = 2;
  private static final int PREFIX = 3;

  private static final int EMPTY = -1;

  /** Where in {@code keys} an entry begins. Open addressing: empty slots end a search. */
  int[] slots = {};

  private char[] keys = {};
  private int used;

  private @Nullable Object[] values = {};
  private int size;

  /** Letter case does not count, so that it serves both kinds of lookup. */
  static int hash(String text, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = step(hash, text.charAt(i));
    }
    return hash;
  }

  /** The hash of a text that goes on with that character. */
  static int step(int hash, char c) {
    return 31 * hash + (c | 0x20);
  }

  /**
   * @param hash of that part
   * @param ignoreCase of ASCII letters, in which keys are small
   */
  @SuppressWarnings("unchecked") // as put() left them
  @Nullable T get(String text, int from, int to, int hash, boolean ignoreCase) {
    if (size == 0) {
      return null;
    }
    int mask = slots.length - 1;
    int length = to - from;
    for (int i = slot(hash) & mask; ; i = (i + 1) & mask) {
      int entry = slots[i];
      if (entry == EMPTY) {
        return null;
      }
      if (keys[entry + LENGTH] == length && isKey(entry + PREFIX, text, from, to, ignoreCase)) {
        return (T) values[(keys[entry + INDEX_HIGH] << Character.SIZE) | keys[entry + INDEX_LOW]];
      }
    }
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
    return get(key, 0, key.length(), hash(key, 0, key.length()), false);
  }

  /** Of a key that is not there yet, of {@link #LONGEST} characters at most. */
  void put(String key, T value) {
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.max(FIRST_CAPACITY / 2, 2 * size));
    }
    place(hash(key, 0, key.length()), append(key));
    values[size++] = value;
  }

  private int append(String key) {
    int entry = used;
    int end = entry + PREFIX + key.length();
    if (end > keys.length) {
      keys = Arrays.copyOf(keys, entry == 0 ? end : 2 * end);
    }
    keys[entry + LENGTH] = (char) key.length();
    keys[entry + INDEX_HIGH] = (char) (size >>> Character.SIZE);
    keys[entry + INDEX_LOW] = (char) size;
    key.getChars(0, key.length(), keys, entry + PREFIX);
    used = end;
    return entry;
  }

  /** At least half of the slots stay empty: searches are short, and end. */
  private void grow() {
    slots = new int[Math.max(FIRST_CAPACITY, 2 * slots.length)];
    Arrays.fill(slots, EMPTY);
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
    while (slots[i] != EMPTY) {
      i = (i + 1) & mask;
    }
    slots[i] = entry;
  }

  /** Names that count up would otherwise stand side by side and make long searches. */
  private static int slot(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 16);
  }
}
