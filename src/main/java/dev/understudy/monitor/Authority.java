package dev.understudy.monitor;

import dev.understudy.agreement.Contact;

/**
 * How far this replica may go by what replicas agreed on about a pool.
 *
 * @param epoch whether servers may be told the epoch while there is contact
 * @param suspends whether nothing may be sent to any server while there is none
 * @param contact live: asked at each use
 */
public record Authority(boolean epoch, boolean suspends, Contact contact) {
  /** A replica that decides alone, and keeps its epoch over restarts. */
  public static final Authority FULL = new Authority(true, false, Contact.ALWAYS);

  /** A replica that decides alone, and forgets. */
  public static final Authority WITHOUT_EPOCH = new Authority(false, false, Contact.ALWAYS);

  boolean isEpochTrusted() {
    return epoch && contact.holds();
  }

  boolean isSuspended() {
    return suspends && !contact.holds();
  }
}
