package dev.understudy.role;

import dev.understudy.switchover.PlannedSwitch;
import org.jspecify.annotations.Nullable;

/**
 * What decides who serves a pool, as one replica knows it, and whether the calls of hooks that are
 * owed may begin. The first row that fits holds.
 *
 * <table>
 * <caption>Who decides</caption>
 * <tr><th>seen<th>who serves<th>calls of hooks
 * <tr><td>a proposal of this replica is in flight<td>stays<td>none begins
 * <tr><td>a planned switch in FENCING, PROMOTING or ROLLING_BACK, clients held here<td>the planned
 *     switch<td>the switch's own, by the replica that drives it
 * <tr><td>the same, out of touch for longer than the pause, the old server not known to be fenced
 *     <td>the choice<td>none begins
 * <tr><td>a planned switch in PAUSING<td>the choice<td>none begins; each replica keeps its part back
 *     until its calls at either server have ended
 * <tr><td>nobody serves, a server is to be promoted first, as after a planned switch that failed
 *     <td>that one once it is promoted, or the next one<td>those that are owed, promotions first;
 *     after such a switch fences first
 * <tr><td>any other, a planned switch in SCHEDULED included<td>the choice<td>those that are owed;
 *     demote at a second primary
 * </table>
 */
enum Decider {
  /** The replicas, by their answer to a proposal. */
  PROPOSAL(false),
  PLANNED_SWITCH(false),
  /** The choice, while a planned switch has its calls to itself. */
  CHOICE_WITHOUT_CALLS(false),
  CHOICE(true);

  /** Whether calls that are owed may begin. */
  final boolean calls;

  Decider(boolean calls) {
    this.calls = calls;
  }

  /**
   * The row that fits.
   *
   * @param holds whether clients are held here
   */
  static Decider of(boolean proposing, @Nullable PlannedSwitch planned, boolean holds) {
    if (proposing) {
      return PROPOSAL;
    }
    if (planned == null || !planned.phase().pauses()) {
      return CHOICE;
    }
    return planned.phase().isFenced() && holds ? PLANNED_SWITCH : CHOICE_WITHOUT_CALLS;
  }
}
