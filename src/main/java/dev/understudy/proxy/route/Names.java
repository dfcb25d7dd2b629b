package dev.understudy.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * A hash table with texts as keys, in which a part of a longer text is found without a copy of it.
 * Filled first, then only read. Keys are the configuration's, so that no client can crowd a slot.
 */
final class Names<T> {
  private static final int FIRST_CAPACITY = 4;

  /** Open addressing: empty slots end a search. */
  @Nullable String[] keys = new @Nullable String[0];

  private @Nullable Object[] values = new @Nullable Object[0];
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
   */
  @SuppressWarnings("unchecked") // as put() left them
  @Nullable T get(String text, int from, int to, int hash, boolean ignoreCase) {
    if (size == 0) {
      return null;
    }
    int mask = keys.length - 1;
    int length = to - from;
    for (int i = spread(hash) & mask; ; i = (i + 1) & mask) {
      String key = keys[i];
      if (key == null) {
        return null;
      }
      if (key.length() == length && text.regionMatches(ignoreCase, from, key, 0, length)) {
        return (T) values[i];
      }
    }
  }

  @Nullable T get(String key) {
    return get(key, 0, key.length(), hash(key, 0, key.length()), false);
  }

  /** Of a key that is not there yet. */
  void put(String key, T value) {
    if (2 * (size + 1) > keys.length) {
      grow();
    }
    place(key, value);
    size++;
  }

  /** At least half of the slots stay empty: searches are short, and end. */
  private void grow() {
    @Nullable String[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    int capacity = Math.max(FIRST_CAPACITY, 2 * oldKeys.length);
    keys = new @Nullable String[capacity];
    values = new @Nullable Object[capacity];
    for (int i = 0; i < oldKeys.length; i++) {
      String key = oldKeys[i];
      if (key != null) {
        place(key, oldValues[i]);
      }
    }
  }

  private void place(String key, @Nullable Object value) {
    int mask = keys.length - 1;
    int i = spread(hash(key, 0, key.length())) & mask;
    while (keys[i] != null) {
      i = (i + 1) & mask;
    }
    keys[i] = key;
    values[i] = value;
  }

  /** Names that count up would otherwise stand side by side and make long searches. */
  private static int spread(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 16);
  }
}
