package dev.understudy.admin;

import dev.understudy.agreement.AgreementStatus;

/** How the replicas' agreement stands, for people; from any thread. */
public interface AgreementView {
  /** Where replicas meet, as the setting has it; {@code standalone}: nowhere. */
  String mode();

  /** As of now. */
  AgreementStatus status();
}
