package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.ServerId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A choice that a replica made alone, out of touch with the others. It begins no epoch, as only an
 * agreement does; it is in the newest one that the replica knows, and in the first if a server
 * serves. It holds until the record has a later epoch, or {@link Settlement} settles it.
 *
 * @param agreed what is in force at this replica alone
 * @param basis the epoch that was agreed on then
 */
record LocalChoice(AgreedRole agreed, long basis) {
  /**
   * The choice of {@code next} in the place of {@code current}, without a pin.
   *
   * @param identity of the server that serves from then on; null if none does, or it is not known
   */
  static LocalChoice of(
      AgreedRole current,
      AgreedRole next,
      @Nullable ServerIdentity identity,
      long basis,
      String replica) {
    long begun = Math.max(basis, current.roleState().epoch());
    long epoch = Math.max(begun, next.roleState().serving() == null ? 0 : 1);
    AgreedRole.Decision decision =
        new AgreedRole.Decision(
            next.reason(),
            next.since(),
            next.evidence() + "; decided alone, out of touch with the other replicas",
            replica);
    AgreedRole agreed =
        next.with(next.roleState().unpinned().inEpoch(epoch)).with(decision).with(identity);
    return new LocalChoice(agreed, basis);
  }

  /** The server that was chosen; null for none. */
  @Nullable ServerId serving() {
    return agreed.roleState().serving();
  }

  /** What the other replicas are told of it. */
  Ballot.Acted acted() {
    return new Ballot.Acted(Optional.ofNullable(agreed.identity()), basis);
  }
}
