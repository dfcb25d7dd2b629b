package dev.understudy.admin;

import dev.understudy.agreement.AgreementStatus;

/** The state of the replicas' agreement, for display; safe for any thread. */
public interface AgreementView {
  /** The configured store that replicas share; {@code standalone} if there is none. */
  String mode();

  /** The present state. */
  AgreementStatus status();
}
