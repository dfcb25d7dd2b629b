package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.pool.Operator;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The machine of one pool's role, at each replica. An input and a look at the pool give the next
 * progress and what is to be done. Its parts have tables of their own: the choice ({@link
 * dev.understudy.failover.Failover}), what must be promoted first ({@link
 * dev.understudy.failover.Promotion}), the planned switch ({@link
 * dev.understudy.switchover.SwitchDecision}), what is owed ({@link
 * dev.understudy.switchover.OwedHooks}), and when it is called again ({@link
 * dev.understudy.switchover.HookAttempts}). {@link Decider} says which of them decides, and this
 * one who calls hooks where; the first row that fits holds.
 *
 * <table>
 * <caption>Calls of hooks</caption>
 * <tr><th>at<th>call<th>epoch<th>after
 * <tr><td>a server at which this replica's call runs<td>none<td><td>that has ended
 * <tr><td>the server that serves, or is to be promoted first<td>promote<td>the one in which it
 *     serves<td>the role moved
 * <tr><td>a server that served, or that may have been promoted<td>demote<td>the same<td>another has
 *     its place
 * <tr><td>a second primary<td>demote<td>the present one<td>its claim is seen; if a planned switch
 *     fenced it, once it would have been found to deny the role
 * <tr><td>the old server of a planned switch<td>demote<td>the one that follows<td>all replicas have
 *     left it
 * <tr><td>the new server of a planned switch<td>promote<td>the one that follows<td>the old one is
 *     fenced
 * <tr><td>the old server of a planned switch<td>promote<td>the second that follows<td>the new one
 *     failed
 * </table>
 *
 * <p>Calls without a plan are made by the first replica in the order in which they write. After
 * {@value #MOST_IN_VAIN} calls in vain it passes them on to the next one, through the record, when
 * the next call is due: a hook may fail at one replica alone. The time between calls goes on
 * growing.
 */
public final class RoleMachine {
  /** Calls in vain, in succession, after which another replica makes them. */
  static final int MOST_IN_VAIN = 3;

  private RoleMachine() {}

  /**
   * What a step led to.
   *
   * @param effects to be carried out in this order
   * @param wake when time alone calls for {@link RoleInput.News}; null if it does not
   */
  public record Step(RoleProgress progress, List<RoleEffect> effects, @Nullable Duration wake) {
    public Step {
      effects = List.copyOf(effects);
    }
  }

  /** Takes one input. */
  public static Step step(RoleProgress progress, RoleInput input, RoleView view) {
    RoleDraft draft = new RoleDraft(progress, view);
    new RoleTransition(draft).take(input);
    return draft.end();
  }

  /**
   * What an operator's switch to a server, which is then pinned, would propose; empty if the server
   * is not usable.
   *
   * @param acceptLoss whether it may be promoted however far its data is behind
   * @param by null if not known
   */
  public static Optional<AgreedRole> pinned(
      RoleProgress progress,
      RoleView view,
      ServerId to,
      boolean acceptLoss,
      @Nullable Operator by) {
    return choice(progress, view).pinned(to, acceptLoss, by);
  }

  /**
   * What the end of the pin would propose; empty if there is none.
   *
   * @param by null if not known
   */
  public static Optional<AgreedRole> unpinned(
      RoleProgress progress, RoleView view, @Nullable Operator by) {
    return choice(progress, view).unpinned(by);
  }

  private static AgreedChoice choice(RoleProgress progress, RoleView view) {
    RoleDraft draft = new RoleDraft(progress, view);
    return new AgreedChoice(draft, new HookTransition(draft), new SwitchPlanning(draft));
  }

  /** The planned switch that a request would begin, or why it may not. */
  public static Planning plan(RoleProgress progress, RoleView view, SwitchRequest request) {
    return new SwitchPlanning(new RoleDraft(progress, view)).plan(request);
  }

  /**
   * A switch that may begin, or why it may not.
   *
   * @param whyNot for people; empty if it may
   */
  public record Planning(@Nullable PlannedSwitch planned, String whyNot) {}

  /**
   * The planned switch given up by an operator; null if there is none that can be.
   *
   * @param by null if not known
   */
  public static @Nullable PlannedSwitch givenUp(
      RoleProgress progress, RoleView view, @Nullable Operator by) {
    return new SwitchPlanning(new RoleDraft(progress, view)).givenUp(by);
  }

  /** What the replicas agree on with that state of a planned switch. */
  public static AgreedRole agreedIn(RoleProgress progress, RoleView view, PlannedSwitch next) {
    return new AgreedPhase(new RoleDraft(progress, view)).of(next);
  }

  /** The calls of hooks that a planned switch would make, in this order. */
  public static List<HookCall> calls(RoleView view, PlannedSwitch planned) {
    return HookCall.of(view.pool(), planned);
  }
}
