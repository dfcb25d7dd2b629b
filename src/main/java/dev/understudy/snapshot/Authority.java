package dev.understudy.snapshot;

import dev.understudy.agreement.ReplicaContact;

/**
 * What this replica may do on the strength of the replicas' agreement on a pool: send its epoch,
 * and send traffic.
 *
 * @param epoch whether servers may be told the epoch while there is contact
 * @param suspends whether no server may be sent anything while there is no contact, and nothing new
 *     while the epoch cannot be told
 * @param contact live; evaluated at each use
 */
public record Authority(boolean epoch, boolean suspends, ReplicaContact contact) {
  /** Authority of a replica that decides alone and keeps its epoch over restarts. */
  public static final Authority FULL = new Authority(true, false, ReplicaContact.ALWAYS);

  /** Authority of a replica that decides alone and forgets its epoch when it restarts. */
  public static final Authority WITHOUT_EPOCH = new Authority(false, false, ReplicaContact.ALWAYS);

  boolean isEpochTrusted() {
    return epoch && contact.holds();
  }

  boolean isSuspended() {
    return suspends && !contact.holds();
  }

  /**
   * Whether new work may be sent. A replica that must not decide alone sends none without an epoch:
   * contact may be back before the record is known here, and no application could refuse it.
   */
  boolean mayBegin() {
    return !suspends || isEpochTrusted();
  }
}
