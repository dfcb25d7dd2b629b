package dev.understudy.failover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a pool's role at one moment: the serving server, and all of the past that the next
 * choice depends on. Survives a restart.
 *
 * @param serving null if no server serves
 * @param epoch counts the changes of {@code serving}; 0 if there was never a choice
 * @param pinned the server that an operator switched to, while it serves; null if there is none
 * @param failbacks number of failbacks in succession, also of those that were given up, each within
 *     ten minutes after the one before
 * @param lastFailback time of the newest of them; null if there was none
 * @param memory what is kept of claims to the role, if checks prove it
 */
public record RoleState(
    @Nullable ServerId serving,
    long epoch,
    @Nullable ServerId pinned,
    int failbacks,
    @Nullable Instant lastFailback,
    RoleMemory memory) {
  /** The role state before the first choice. */
  public static final RoleState NONE = new RoleState(null, 0, null, 0, null, RoleMemory.NONE);

  public RoleState {
    if (epoch < 0 || failbacks < 0) {
      throw new IllegalArgumentException("epoch and failbacks: expected 0 or more");
    }
    if (epoch == 0 && serving != null) {
      throw new IllegalArgumentException("serving: expected none in epoch 0, found " + serving);
    }
    if (pinned != null && !pinned.equals(serving)) {
      throw new IllegalArgumentException("pinned: expected the serving server, found " + pinned);
    }
  }

  /** The serving server or, while nobody serves, the one that served last; null if not known. */
  public @Nullable ServerId holder() {
    return serving == null ? memory.holder() : serving;
  }

  /** The role state with another memory. */
  public RoleState with(RoleMemory next) {
    return new RoleState(serving, epoch, pinned, failbacks, lastFailback, next);
  }

  /** The role state with the time of its last failback, if there was one. */
  public RoleState with(@Nullable Instant failback) {
    Instant last = failbacks == 0 ? null : failback;
    return new RoleState(serving, epoch, pinned, failbacks, last, memory);
  }

  /** The role state without its pin: an operator's {@code auto}. */
  public RoleState unpinned() {
    return new RoleState(serving, epoch, null, failbacks, lastFailback, memory);
  }

  /** The role state in a later epoch, in which the same server serves. */
  public RoleState inEpoch(long later) {
    return new RoleState(serving, later, pinned, failbacks, lastFailback, memory);
  }

  /** The role state with the serving server pinned. */
  RoleState pinnedHere() {
    return new RoleState(serving, epoch, serving, failbacks, lastFailback, memory);
  }

  /**
   * The role state of the next epoch, in which {@code to} serves; without a pin.
   *
   * @param to null if no server is to serve
   */
  public RoleState next(@Nullable ServerId to) {
    return new RoleState(to, epoch + 1, null, failbacks, lastFailback, memory);
  }

  /** The role state with {@code count} failbacks in succession, the last one now. */
  RoleState failedBack(int count, Instant now) {
    return new RoleState(serving, epoch, pinned, count, now, memory);
  }
}
