package dev.understudy.monitor;

import dev.understudy.event.Alarm;
import dev.understudy.event.ReplicaEvent.ChecksLate;
import dev.understudy.event.ReplicaEvent.FailedTogether;
import dev.understudy.event.ReplicaEvent.ResourceExhausted;
import dev.understudy.event.Vitals;
import dev.understudy.health.LocalFailure;
import dev.understudy.pool.MassFailurePolicy;
import dev.understudy.snapshot.CheckAges;
import dev.understudy.text.UtcTime;
import dev.understudy.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Texts and events of {@link SelfCheck}. */
final class SelfCheckText {
  private SelfCheckText() {}

  /**
   * A resource of this machine is used up.
   *
   * @param state of this process; null if it is not known
   */
  static ResourceExhausted resourceExhausted(LocalFailure resource, @Nullable Vitals state) {
    return new ResourceExhausted(resource, false, 0, exhausted(resource) + own(state));
  }

  static String exhausted(LocalFailure resource) {
    return "This machine has run out of a resource (%s): failures caused by this do not count against servers"
        .formatted(resource.words());
  }

  /** A resource of this machine is there again. */
  static ResourceExhausted resourceAvailable(LocalFailures.Episode over, Duration ahead) {
    LocalFailure resource = over.resource();
    String message =
        "This machine is no longer short of a resource (%s): the last of %d failures was at %s"
            .formatted(resource.words(), over.failures(), UtcTime.clock(over.newest().plus(ahead)));
    return new ResourceExhausted(resource, true, over.failures(), message);
  }

  /**
   * Checks are late.
   *
   * @param ages by the clock on the wall
   * @param state of this process; null if it is not known
   */
  static ChecksLate checksLate(CheckAges ages, double stretch, @Nullable Vitals state) {
    return new ChecksLate(
        false,
        ages.late(),
        ages.servers(),
        late(ages) + "; this replica " + meaning(stretch) + own(state));
  }

  /** How many servers are checked too late, and since when one of them is not checked at all. */
  static String late(CheckAges ages) {
    Instant oldest = ages.oldest();
    return "Checks are late: %d of %d servers%s"
        .formatted(
            ages.late(),
            ages.servers(),
            oldest == null ? "" : ", one of them not checked since " + UtcTime.clock(oldest));
  }

  /** What late checks mean for this replica. */
  static String meaning(double stretch) {
    String longer =
        stretch == 1
            ? ""
            : String.format(
                Locale.ROOT, "; intervals of checks are %.2f times as long as configured", stretch);
    return "may not notice that such a server fails" + longer;
  }

  private static String own(@Nullable Vitals state) {
    return state == null ? "" : " (" + state.words() + ")";
  }

  /** All servers are checked in time again. */
  static ChecksLate checksInTime(LateChecks over, int servers, Duration ahead) {
    String message =
        "All servers are checked in time again: since %s checks of up to %d were late, the last at %s"
            .formatted(
                UtcTime.clock(over.begun().plus(ahead)),
                over.most(),
                UtcTime.clock(over.newest().plus(ahead)));
    return new ChecksLate(true, over.most(), servers, message);
  }

  /**
   * Most servers failed within seconds.
   *
   * @param most the most that were down at a time
   * @param state of this process then; null if it is not known
   */
  static FailedTogether failedTogether(
      MassFailure mass, int most, MassFailurePolicy doubt, @Nullable Vitals state) {
    int down = Math.max(most, mass.down());
    List<String> causes = counted(mass.causes());
    return new FailedTogether(
        false,
        down,
        mass.servers(),
        causes,
        counted(mass.hosts()),
        "%s; %s: %s"
            .formatted(together(mass, down), meaning(doubt, state), String.join(", ", causes)));
  }

  /** How many servers are down in a mass failure, and how many of them failed in it. */
  static String together(MassFailure mass, int down) {
    return mass.together() < down
        ? "%d of %d servers are down, %d of them failed together"
            .formatted(down, mass.servers(), mass.together())
        : "%d of %d servers failed together".formatted(down, mass.servers());
  }

  /** What may explain a mass failure, and what it means for roles. */
  static String meaning(MassFailurePolicy doubt, @Nullable Vitals state) {
    String own = state == null ? "the state of this process is not known" : state.words();
    String roles =
        doubt == MassFailurePolicy.KEEP
            ? "servers whose host does not respond at all stay in use"
            : "roles follow the probes as usual";
    return "%s; %s (understudy.doubt: %s)".formatted(own, roles, Words.lower(doubt));
  }

  private static List<String> counted(List<Alarm.Group> groups) {
    return groups.stream().map(each -> each.name() + " (" + each.servers() + ")").toList();
  }

  /** Most servers that had failed together are no longer DOWN. */
  static FailedTogether servedTogetherAgain(MassFailure mass, Duration ahead) {
    String message =
        "Most of the servers that failed together at %s are no longer DOWN"
            .formatted(UtcTime.clock(mass.begun().plus(ahead)));
    return new FailedTogether(true, mass.down(), mass.servers(), List.of(), List.of(), message);
  }
}
