package dev.understudy.admin;

import org.jspecify.annotations.Nullable;

/**
 * This replica's name for people: the one by which other replicas know it, or else the name of this
 * process's host, in Kubernetes that of its pod.
 */
final class ReplicaName {
  private final AgreementView agreement;
  private final @Nullable String host;

  /**
   * @param host the host's name; null if the environment does not give one
   */
  ReplicaName(AgreementView agreement, @Nullable String host) {
    this.agreement = agreement;
    this.host = host;
  }

  /** The name; null if there is none. */
  @Nullable String current() {
    String replica = agreement.status().replica();
    return replica == null ? host : replica;
  }
}
