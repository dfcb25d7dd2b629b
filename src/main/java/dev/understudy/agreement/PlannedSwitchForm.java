package dev.understudy.agreement;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 * @param acceptLoss null, and absent, for false; earlier versions do not know it
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
    @Nullable Boolean failback,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean acceptLoss,
    long epoch,
    String driver,
    List<String> replicas,
    boolean cut,
    List<StageForm> stages) {
  /** The JSON form of a phase. */
  public record StageForm(String phase, Instant since, String why) {}

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
        request.failback(),
        request.acceptLoss() ? true : null,
        planned.epoch(),
        planned.driver(),
        planned.replicas().stream().sorted().toList(),
        planned.cut(),
        planned.stages().stream()
            .map(each -> new StageForm(each.phase().name(), each.since(), each.why()))
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
              new ServerId(to),
              Duration.ofMillis(pause),
              force,
              at,
              Operator.ofStored(by, reason),
              failback != null && failback,
              acceptLoss != null && acceptLoss),
          epoch,
          driver,
          Set.copyOf(replicas),
          cut,
          stages.stream()
              .map(
                  each ->
                      new PlannedSwitch.Stage(
                          SwitchPhase.valueOf(each.phase()), each.since(), each.why()))
              .toList());
    } catch (NullPointerException e) {
      throw new IllegalArgumentException("a planned switch without all of its fields", e);
    }
  }
}
