package dev.understudy.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * A hash table with texts as keys, in which a part of a longer text is found without a copy of it.
 * Filled first, then only read. Keys are the configuration's, so that no client can crowd a slot.
 */
final class Names<T> {
  private static final int FIRST_CAPACITY = 4;

  private static final @Nullable Object[] NOTHING = {};

  /**
   * Keys at even places, each with its value behind it, so that a search finds both in one line of
   * the cache. Open addressing: empty slots end a search.
   */
  @Nullable Object[] entries = NOTHING;

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
    int mask = entries.length - 2;
    int length = to - from;
    for (int i = slot(hash) & mask; ; i = (i + 2) & mask) {
      String key = (String) entries[i];
      if (key == null) {
        return null;
      }
      if (key.length() == length && text.regionMatches(ignoreCase, from, key, 0, length)) {
        return (T) entries[i + 1];
      }
    }
  }

  @Nullable T get(String key) {
    return get(key, 0, key.length(), hash(key, 0, key.length()), false);
  }

  /** Of a key that is not there yet. */
  void put(String key, T value) {
    if (4 * (size + 1) > entries.length) {
      grow();
    }
    place(key, value);
    size++;
  }

  /** At least half of the slots stay empty: searches are short, and end. */
  private void grow() {
    @Nullable Object[] old = entries;
    entries = new @Nullable Object[Math.max(2 * FIRST_CAPACITY, 2 * old.length)];
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] instanceof String key) {
        place(key, old[i + 1]);
      }
    }
  }

  private void place(String key, @Nullable Object value) {
    int mask = entries.length - 2;
    int i = slot(hash(key, 0, key.length())) & mask;
    while (entries[i] != null) {
      i = (i + 2) & mask;
    }
    entries[i] = key;
    entries[i + 1] = value;
  }

  /** Names that count up would otherwise stand side by side and make long searches. */
  private static int slot(int hash) {
    int mixed = hash * 0x9E3779B9;
    return (mixed ^ (mixed >>> 16)) << 1;
  }
}
