package dev.understudy.file;

import org.jspecify.annotations.Nullable;

/**
 * The size of a YAML file's tree while it is built: how many keys and values it has, and the memory
 * that they take at most, as YAML's nodes and as a tree made of them.
 */
public final class YamlSize {
  /** Far above that of 10,000 routes. */
  private static final int MOST_VALUES = 500_000;

  private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 2;
  private static final int SCALAR_BYTES = 512;
  private static final int COLLECTION_BYTES = 1024;
  private static final int TAG_BYTES = 512;

  private int values;
  private long bytes;

  /** Counts a key, a text or an alias; returns whether there is room for it. */
  public boolean addScalar(@Nullable String tag) {
    return add(SCALAR_BYTES, tag);
  }

  /** Counts a map or a list without what is in it; returns whether there is room for it. */
  public boolean addCollection(@Nullable String tag) {
    return add(COLLECTION_BYTES, tag);
  }

  /** Counts characters that are kept beside; returns whether there is room for them. */
  public boolean addText(String text) {
    bytes += 2L * text.length();
    return bytes <= MOST_BYTES;
  }

  private boolean add(int own, @Nullable String tag) {
    bytes += tag == null ? own : own + TAG_BYTES;
    return ++values <= MOST_VALUES && bytes <= MOST_BYTES;
  }

  /** What is expected of a file that has too much. */
  public String expected() {
    return values > MOST_VALUES
        ? "expected at most " + MOST_VALUES + " keys and values"
        : "expected keys and values that take at most half of the heap, "
            + (MOST_BYTES >> 20)
            + " MB";
  }
}
