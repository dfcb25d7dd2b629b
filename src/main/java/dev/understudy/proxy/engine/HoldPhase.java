package dev.understudy.proxy.engine;

import dev.understudy.proxy.engine.SelectionPolicy.Plan;

/**
 * What a request or TCP connection is held for, and what ends the hold; pure.
 *
 * <table>
 *   <caption>Held for, what is selected now, whether the hold ends</caption>
 *   <tr><td>SERVER: one that can serve</td><td>Send</td>
 *       <td>if the server admits an attempt to connect</td></tr>
 *   <tr><td>PROOF that the {@link SuspectServer} is alive</td><td>Send to it, in doubt</td>
 *       <td>no; as for SERVER when time is over</td></tr>
 *   <tr><td></td><td>any other Send</td><td>as for SERVER</td></tr>
 *   <tr><td>either</td><td>Reject</td><td>yes, to be refused</td></tr>
 *   <tr><td></td><td>Undecided</td><td>only when time is over</td></tr>
 *   <tr><td></td><td>Hold</td><td>no</td></tr>
 * </table>
 *
 * <p>Time is over after {@code hold.time}, and when another client has a right to the place. A hold
 * that does not end then is refused.
 */
enum HoldPhase {
  /** Not held. */
  NONE,
  SERVER,
  PROOF;

  /**
   * Whether the hold ends, so that a server is selected, or the request refused.
   *
   * @param doubted whether the plan leads to the suspect, which is in doubt
   * @param admitted whether the server of the plan admits an attempt to connect
   * @param over whether time is over
   */
  boolean ends(Plan plan, boolean doubted, boolean admitted, boolean over) {
    return switch (plan) {
      case Plan.Send send -> admitted && (over || this != PROOF || !doubted);
      case Plan.Reject reject -> true;
      case Plan.Undecided undecided -> over;
      case Plan.Hold hold -> false;
    };
  }
}
