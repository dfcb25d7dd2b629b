package dev.understudy.event;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A state of this replica in which what it believes of servers is to be doubted, or what it is told
 * is not kept; shown above all pools.
 *
 * @param message the fact as a sentence for people, without a full stop
 * @param detail what may explain it, and what it means for roles; null if there is nothing to say
 * @param causes what the failed servers have in common, the most frequent first; at most {@value
 *     #MOST_GROUPS}
 * @param hosts where they are, that with the most first; at most {@value #MOST_GROUPS}
 */
public record Alarm(
    Kind kind,
    Instant since,
    String message,
    @Nullable String detail,
    List<Group> causes,
    List<Group> hosts) {
  public static final int MOST_GROUPS = 5;

  /** Kinds of alarm. */
  public enum Kind {
    /** A resource of this machine is used up. */
    LOCAL_FAILURE,
    /** Most servers failed within seconds. */
    MASS_FAILURE,
    /** Servers are checked too late. */
    CHECKS_LATE,
    /** What was decided and set is in memory only, as the state file cannot be written. */
    STATE_UNWRITTEN
  }

  /**
   * Servers that have something in common.
   *
   * @param pools the number of pools that they belong to
   */
  public record Group(String name, int servers, int pools) {}

  public Alarm {
    causes = List.copyOf(causes);
    hosts = List.copyOf(hosts);
  }
}
