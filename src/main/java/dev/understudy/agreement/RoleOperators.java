package dev.understudy.agreement;

import dev.understudy.pool.Operator;
import org.jspecify.annotations.Nullable;

/**
 * The operators behind the agreement on one pool's role.
 *
 * @param ofSwitch who caused the last change of the serving server; null if no operator did
 * @param ofPin who pinned the serving server or ended the pin, since that change; null if none did
 */
public record RoleOperators(@Nullable Operator ofSwitch, @Nullable Operator ofPin) {
  public static final RoleOperators NONE = new RoleOperators(null, null);

  /** After a change of the serving server, which {@code by} pinned or not. */
  public static RoleOperators ofSwitch(@Nullable Operator by, boolean pinned) {
    return by == null ? NONE : new RoleOperators(by, pinned ? by : null);
  }

  /** After a change of the pin alone. */
  public RoleOperators withPin(@Nullable Operator by) {
    return new RoleOperators(ofSwitch, by);
  }
}
