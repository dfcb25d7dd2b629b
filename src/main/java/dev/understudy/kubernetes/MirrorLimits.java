package dev.understudy.kubernetes;

/**
 * The most that a mirror keeps; of more, the objects whose keys come first.
 *
 * @param bytes of the objects' JSON, without what the reader removes
 * @param shares in how many equal ones it is divided, of which a namespace may have one; 1: it may
 *     have all
 */
public record MirrorLimits(int objects, long bytes, int shares) {
  /**
   * For one of several mirrors of a kind.
   *
   * @param namespace of the mirror; empty for all
   * @param mirrors how many there are: each of a namespace of its own has one share, if it is not
   *     the only one
   */
  public MirrorLimits of(String namespace, int mirrors) {
    if (namespace.isEmpty()) {
      return this;
    }
    return mirrors > 1
        ? new MirrorLimits(objects / shares, bytes / shares, 1)
        : new MirrorLimits(objects, bytes, 1);
  }
}
