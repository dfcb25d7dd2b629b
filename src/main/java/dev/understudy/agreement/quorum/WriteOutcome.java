package dev.understudy.agreement.quorum;

import dev.understudy.agreement.register.RegisterException.Reason;

/**
 * What is known of a write that failed, after the entry was read again. Pure.
 *
 * <table>
 * <caption>The first row that fits</caption>
 * <tr><th>the write failed<th>the entry, as read again<th>outcome
 * <tr><td>in any way<td>has what was written<td>WRITTEN
 * <tr><td>with CONFLICT<td>has something else<td>OVERTAKEN
 * <tr><td>with another failure after which nothing was carried out<td>has something else, or was
 *     not read<td>NOT_WRITTEN
 * <tr><td>with CONFLICT<td>was not read<td>NOT_WRITTEN
 * <tr><td>otherwise: it may have been carried out<td>has another revision than was expected, or is
 *     gone: the write comes too late for it<td>OVERTAKEN
 * <tr><td><td>has the expected revision still: the write may yet come<td>NOT_KNOWN
 * <tr><td><td>was not read<td>NOT_KNOWN
 * </table>
 *
 * <p>After NOT_KNOWN the same write may be sent again upon the same revision: of all its copies at
 * most one is carried out.
 */
enum WriteOutcome {
  /** The entry has it. */
  WRITTEN,
  /** The entry has another content, upon which another write is to be made. */
  OVERTAKEN,
  /** Nothing was written, nor will be. */
  NOT_WRITTEN,
  /** It may have been written, or may yet be. */
  NOT_KNOWN;

  /** The entry after a write of it failed. */
  enum Read {
    /** It has what was written. */
    OURS,
    /** It has the revision that the write expected. */
    UNCHANGED,
    /** It has another content at another revision, or is gone. */
    ANOTHER,
    /** It could not be read. */
    FAILED;

    /**
     * An entry that was read.
     *
     * @param ours whether it has what was written
     * @param revision 0 if there is none
     * @param expected the revision that the write expected; 0 for none
     */
    static Read of(boolean ours, long revision, long expected) {
      if (ours) {
        return OURS;
      }
      return revision == expected ? UNCHANGED : ANOTHER;
    }
  }

  /** The outcome by the table. */
  static WriteOutcome of(Reason failure, Read read) {
    if (read == Read.OURS) {
      return WRITTEN;
    }
    if (!failure.mayBeCarriedOut()) {
      return failure == Reason.CONFLICT && read != Read.FAILED ? OVERTAKEN : NOT_WRITTEN;
    }
    return read == Read.ANOTHER ? OVERTAKEN : NOT_KNOWN;
  }
}
