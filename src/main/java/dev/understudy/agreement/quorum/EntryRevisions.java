package dev.understudy.agreement.quorum;

import dev.understudy.agreement.register.RegisterEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The revisions of this replica's entry: upon which one it is written next, which writes are still
 * to come back on the watch, and what an entry shows that is found after a conflict. Pure; each
 * write has a higher revision than the one before, unless the store was restored.
 *
 * <table>
 * <caption>What is found after a conflict</caption>
 * <tr><th>entry<th>shows
 * <tr><td>none<td>it was deleted
 * <tr><td>lower than the last own write<td>the store was set back
 * <tr><td>ours, higher than the last own write, upon which one of unknown outcome was sent<td>that
 *     one has landed, or a later one, which was sent no earlier
 * <tr><td>any other<td>nothing
 * </table>
 */
final class EntryRevisions {
  private static final int MOST_AWAITED = 64;

  private record Awaited(long revision, long sent) {}

  private final Deque<Awaited> awaited = new ArrayDeque<>();
  private long base;

  /** The revision of the last own write. */
  private long highest;

  /**
   * When the first write was sent whose outcome is not known, upon the last own one. Null if there
   * is none.
   */
  private @Nullable Long unsettled;

  /** The revision upon which the entry is written next; 0 if there is none. */
  long base() {
    return base;
  }

  /** Has the next write replace what was found. */
  void replace(@Nullable RegisterEntry found) {
    base = found == null ? 0 : found.revision();
  }

  /** Nothing is known any more of writes whose outcome was not known. */
  void forgetUnsettled() {
    unsettled = null;
  }

  /**
   * A write has landed.
   *
   * @return whether the store was set back
   */
  boolean written(long revision, long sent) {
    boolean setBack = revision <= highest;
    base = revision;
    highest = revision;
    unsettled = null;
    await(revision, sent);
    return setBack;
  }

  private void await(long revision, long sent) {
    awaited.removeIf(earlier -> earlier.revision() >= revision);
    if (awaited.size() == MOST_AWAITED) {
      awaited.remove();
    }
    awaited.add(new Awaited(revision, sent));
  }

  /** The outcome of a write is not known, or it had none. */
  void failed(long sent) {
    if (unsettled == null && base == highest) {
      unsettled = sent;
    }
  }

  /** Whether what was found shows that the store was set back. */
  boolean isSetBack(@Nullable RegisterEntry found) {
    if (found == null || found.revision() >= highest) {
      return false;
    }
    highest = found.revision();
    return true;
  }

  /**
   * Has the next write replace what was found, after a conflict.
   *
   * @return whether it shows that a write of unknown outcome has landed
   */
  boolean settle(@Nullable RegisterEntry found, boolean ours) {
    Long since = unsettled;
    unsettled = null;
    replace(found);
    if (since == null || !ours || base <= highest) {
      return false;
    }
    highest = base;
    await(base, since);
    return true;
  }

  /** When the writes were sent that have come back now, of those that had not before. */
  List<Long> cameBack(long reported) {
    List<Long> sent = new ArrayList<>();
    while (!awaited.isEmpty() && awaited.element().revision() <= reported) {
      sent.add(awaited.remove().sent());
    }
    return sent;
  }
}
