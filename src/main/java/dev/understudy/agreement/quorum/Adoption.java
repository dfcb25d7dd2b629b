package dev.understudy.agreement.quorum;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a replica does with the register's record of a pool, given the record that it knows.
 *
 * <table>
 * <caption>The first row that fits</caption>
 * <tr><th>known<th>the register holds<th>result
 * <tr><td>nothing<td>anything or nothing<td>FOLLOW
 * <tr><td>epoch e<td>a higher epoch<td>FOLLOW
 * <tr><td>epoch e, holder A<td>epoch e, holder A<td>FOLLOW: pin and operator states may differ
 * <tr><td>epoch e, holder A<td>epoch e, another holder: edited by hand, or restored<td>REPAIR
 * <tr><td>epoch e<td>a lower epoch, or nothing<td>REPAIR
 * </table>
 */
enum Adoption {
  /** The record in the register comes into force. */
  FOLLOW,
  /** The known record stays in force, and is written again in a higher epoch. */
  REPAIR;

  /**
   * Applies the table.
   *
   * @param found null if the register holds no record
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
