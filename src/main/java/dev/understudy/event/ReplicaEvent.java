package dev.understudy.event;

import dev.understudy.agreement.RoleDecisions;
import dev.understudy.health.LocalFailure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * An event about this replica: its process, its machine, its files, and its contact with others.
 */
public sealed interface ReplicaEvent extends Event {
  @Override
  default Kind kind() {
    return Kind.OPERATION;
  }

  /**
   * ERROR: a file was refused, what was remembered is lost or what is to be remembered cannot be
   * written, this machine fails, or a certificate expires within a day. WARN: a replica is out of
   * touch, checks are late, a certificate expires soon, a file was applied with warnings, or the
   * last run ended without a stop.
   */
  @Override
  default Level level() {
    return switch (this) {
      case ResourceExhausted exhausted when !exhausted.over() -> Level.ERROR;
      case StateLost lost -> Level.ERROR;
      case StateUnwritten unwritten when !unwritten.over() -> Level.ERROR;
      case CertificateExpires expires -> expires.daysLeft() <= 1 ? Level.ERROR : Level.WARN;
      case OutOfTouch lost when !lost.over() -> Level.WARN;
      case ChecksLate late when !late.over() -> Level.WARN;
      case FailedTogether failed when !failed.over() -> Level.ERROR;
      case ConfigurationRejected rejected -> Level.ERROR;
      case ConfigurationApplied applied when !applied.warnings().isEmpty() -> Level.WARN;
      case Started start when start.lastEnd() == RunEnd.CRASHED -> Level.WARN;
      default -> Level.INFO;
    };
  }

  /**
   * A resource of this machine is used up, or is there again. What fails for want of it counts
   * against no server.
   *
   * @param over whether it is there again
   * @param failures the number of failures for want of it, if that is over
   */
  record ResourceExhausted(LocalFailure resource, boolean over, long failures, String message)
      implements ReplicaEvent {}

  /**
   * This replica checks servers too late, as it gets too little CPU or their checks do not end; or
   * it checks all in time again.
   *
   * @param over whether it checks all in time again
   * @param late the number of servers whose checks are late; if that is over, the most at a time
   * @param servers the number of all servers
   */
  record ChecksLate(boolean over, int late, int servers, String message) implements ReplicaEvent {}

  /**
   * What was remembered of pools in {@code understudy.state-file} could not be read.
   *
   * @param pools those whose state is lost; empty if it is that of all
   * @param kept the copy of the file as it was; null if there is none
   */
  record StateLost(String file, List<String> pools, @Nullable String kept, String message)
      implements ReplicaEvent {
    public StateLost {
      pools = List.copyOf(pools);
    }
  }

  /**
   * What was decided and set is in memory only, as {@code understudy.state-file} cannot be written;
   * or it is written again.
   *
   * @param over whether it is written again
   */
  record StateUnwritten(String file, boolean over, String message) implements ReplicaEvent {
    /** What was decided and set is in memory only. */
    public static StateUnwritten begins(RoleDecisions.Unwritten state) {
      return new StateUnwritten(state.file().toString(), false, unwritten(state));
    }

    /** The same as an alarm. */
    public static Alarm alarm(RoleDecisions.Unwritten state, Instant since) {
      return new Alarm(
          Alarm.Kind.STATE_UNWRITTEN, since, unwritten(state), null, List.of(), List.of());
    }

    private static String unwritten(RoleDecisions.Unwritten state) {
      return "What operators set and who serves is in memory only, and a restart forgets it: "
          + state.words();
    }

    /** What was decided and set is on the disk again. */
    public static StateUnwritten ends(Path file) {
      return new StateUnwritten(file.toString(), true, file + " is written again");
    }
  }

  /**
   * Most servers, on most of their hosts, failed within seconds; or most of them are no longer
   * DOWN.
   *
   * @param over whether it is over
   * @param failed the most that were DOWN at a time, whenever they failed
   * @param servers the number of all servers
   * @param causes what they had in common, with the number of servers
   * @param hosts where they are, with the number of servers
   */
  record FailedTogether(
      boolean over,
      int failed,
      int servers,
      List<String> causes,
      List<String> hosts,
      String message)
      implements ReplicaEvent {
    public FailedTogether {
      causes = List.copyOf(causes);
      hosts = List.copyOf(hosts);
    }
  }

  /**
   * A replica lost contact with the others, or has it again. Emitted by itself and by all that miss
   * it.
   *
   * @param over whether it has contact again, or is no longer missed
   * @param why the reason, for people; empty if none is known
   */
  record OutOfTouch(String replica, boolean over, String why, String message)
      implements ReplicaEvent {
    /**
     * A replica lost contact with the others.
     *
     * @param why the reason, for people; empty if none is known
     */
    public static OutOfTouch begins(String replica, String why) {
      String message =
          why.isEmpty()
              ? "Replica %s is out of touch: nothing has been heard from it".formatted(replica)
              : "Replica %s is out of touch with the others: %s".formatted(replica, why);
      return new OutOfTouch(replica, false, why, message);
    }

    /** A replica has contact with the others again, or is no longer expected to. */
    public static OutOfTouch ends(String replica) {
      return new OutOfTouch(
          replica, true, "", "Replica %s is no longer out of touch".formatted(replica));
    }
  }

  /**
   * A certificate that is shown to clients or to servers expires soon, or has expired.
   *
   * @param certificate the file, or the bundle
   * @param daysLeft whole days, rounded up; at most 0 once it has expired
   */
  record CertificateExpires(String certificate, Instant notAfter, long daysLeft, String message)
      implements ReplicaEvent {}

  /**
   * An operator changed the level of a logger of this replica, until it ends.
   *
   * @param from the level set before; null if it was inherited
   * @param to the level from now on; null if it is inherited
   */
  record LogLevelChanged(
      String logger,
      @Nullable String from,
      @Nullable String to,
      @Nullable Operator operator,
      String message)
      implements ReplicaEvent {}

  /** Stands for the objects of a cluster where another configuration has its file's name. */
  String CLUSTER = "cluster";

  /**
   * A new file was applied, or new objects of a cluster.
   *
   * @param file its name; {@link #CLUSTER} for objects
   * @param warnings settings that are valid but probably not meant, each with its line
   * @param changes what the file changed, one sentence each; empty for the first file of a run
   * @param removedPools pools that the file no longer has
   */
  record ConfigurationApplied(
      String file,
      List<String> warnings,
      List<String> changes,
      List<PoolId> removedPools,
      String message)
      implements ReplicaEvent {
    public ConfigurationApplied {
      warnings = List.copyOf(warnings);
      changes = List.copyOf(changes);
      removedPools = List.copyOf(removedPools);
    }

    public boolean isOfFile() {
      return !file.equals(CLUSTER);
    }
  }

  /**
   * A new file was refused, or new objects of a cluster; the running configuration is untouched.
   *
   * @param file its name; {@link #CLUSTER} for objects
   */
  record ConfigurationRejected(String file, List<String> problems, String message)
      implements ReplicaEvent {
    public ConfigurationRejected {
      problems = List.copyOf(problems);
    }

    public boolean isOfFile() {
      return !file.equals(CLUSTER);
    }
  }

  /** How a run of this process ended. */
  enum RunEnd {
    /** The run ended by an orderly stop. */
    STOPPED,
    /** Without an orderly stop: the process was killed or crashed, or the machine failed. */
    CRASHED
  }

  /**
   * This process started; the first event of a run.
   *
   * @param version null if it was not built by Maven
   * @param file the dynamic file
   * @param lastEnd how the last recorded run ended; null if there is none
   * @param lastAlive when the last recorded run was alive for the last time; null if there is none
   */
  record Started(
      @Nullable String version,
      String file,
      @Nullable RunEnd lastEnd,
      @Nullable Instant lastAlive,
      String message)
      implements ReplicaEvent {}

  /** This process stops in order; the last event of a run. */
  record Stopped(String message) implements ReplicaEvent {}
}
