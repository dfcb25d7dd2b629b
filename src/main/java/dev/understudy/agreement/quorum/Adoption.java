package dev.understudy.agreement.quorum;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a record that the register holds, given what this replica knows already.
 *
 * <table>
 * <caption>The first row that fits</caption>
 * <tr><th>known<th>the register holds<th>
 * <tr><td>nothing<td>anything or nothing<td>FOLLOW
 * <tr><td>epoch e<td>a higher epoch<td>FOLLOW
 * <tr><td>epoch e, holder A<td>epoch e, holder A<td>FOLLOW: pin and operators' states may be others
 * <tr><td>epoch e, holder A<td>epoch e, another holder: edited by hand, or restored<td>REPAIR
 * <tr><td>epoch e<td>a lower epoch, or nothing<td>REPAIR
 * </table>
 */
enum Adoption {
  /** The record holds from now on. */
  FOLLOW,
  /** What is known stays in force, and is written anew in a higher epoch. */
  REPAIR;

  /**
   * Of that.
   *
   * @param found null: the register holds nothing
   */
  static Adoption of(PoolRecord known, @Nullable PoolRecord found) {
    if (known.isEmpty() || (found != null && found.epoch() > known.epoch())) {
      return FOLLOW;
    }
    return found != null
            && found.epoch() == known.epoch()
            && Objects.equals(found.holder(), known.holder())
        ? FOLLOW
        : REPAIR;
  }
}
