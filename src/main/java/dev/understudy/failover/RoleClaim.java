package dev.understudy.failover;

import org.jspecify.annotations.Nullable;

/**
 * What probes have seen of one server's claim to the role, beside its health. Only for checks that
 * prove the role: a server that is UP then claims it.
 */
public interface RoleClaim {
  /** Of a server whose check says nothing about the role. */
  RoleClaim NONE = new RoleClaim() {};

  /** Whether the newest bad probe had the response that the server has not got the role. */
  default boolean denied() {
    return false;
  }

  /** Whether the claim began by a promotion: until then the server denied the role. */
  default boolean promoted() {
    return false;
  }

  /** The data that the server had before, and has lost, for people; null if it has lost none. */
  default @Nullable String lost() {
    return null;
  }

  /**
   * The history of its data to be kept while it serves, in the form for {@link RoleMemory}.
   *
   * @param kept the claim that is remembered so far; null for none
   * @param begins whether it begins to serve now
   */
  default @Nullable String history(@Nullable String kept, boolean begins) {
    return kept;
  }
}
