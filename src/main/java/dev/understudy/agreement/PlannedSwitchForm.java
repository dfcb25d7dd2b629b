package dev.understudy.agreement;

import dev.understudy.pool.Operator;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a {@link PlannedSwitch}, in state files and in registers.
 *
 * @param pause milliseconds
 * @param by null if not known, as {@code reason}
 */
public record PlannedSwitchForm(
    String id,
    String from,
    String to,
    long pause,
    boolean force,
    @Nullable Instant at,
    @Nullable String by,
    @Nullable String reason,
    long epoch,
    String phase,
    Instant since,
    String driver,
    List<String> replicas,
    boolean cut,
    String outcome,
    List<PastForm> past) {
  /** The JSON form of a phase that is over. */
  public record PastForm(String phase, Instant since) {}

  /** The form of a switch. */
  public static PlannedSwitchForm of(PlannedSwitch planned) {
    SwitchRequest request = planned.request();
    Operator by = request.by();
    return new PlannedSwitchForm(
        planned.id(),
        planned.from().value(),
        planned.to().value(),
        request.pause().toMillis(),
        request.force(),
        request.at(),
        by == null ? null : by.name(),
        by == null ? null : by.reason(),
        planned.epoch(),
        planned.phase().name(),
        planned.since(),
        planned.driver(),
        planned.replicas().stream().sorted().toList(),
        planned.cut(),
        planned.outcome(),
        planned.past().stream()
            .map(each -> new PastForm(each.phase().name(), each.since()))
            .toList());
  }

  /**
   * The switch.
   *
   * @throws IllegalArgumentException if a value is impossible, or of a later version
   */
  public PlannedSwitch value() {
    try {
      return new PlannedSwitch(
          id,
          new ServerId(from),
          new SwitchRequest(
              new ServerId(to), Duration.ofMillis(pause), force, at, Operator.ofStored(by, reason)),
          epoch,
          SwitchPhase.valueOf(phase),
          since,
          driver,
          Set.copyOf(replicas),
          cut,
          outcome,
          past.stream()
              .map(each -> new PlannedSwitch.Past(SwitchPhase.valueOf(each.phase()), each.since()))
              .toList());
    } catch (NullPointerException e) {
      throw new IllegalArgumentException("a planned switch without all of its fields", e);
    }
  }
}
