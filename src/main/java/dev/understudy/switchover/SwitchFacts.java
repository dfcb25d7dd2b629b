package dev.understudy.switchover;

import dev.understudy.pool.HookSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one replica knows beside the agreed {@link PlannedSwitch}.
 *
 * @param now by this replica's clock on the wall; compared with {@code at} alone
 * @param inPhase time since this replica saw the phase begin or, while it is rolled back, the
 *     present replica take it over
 * @param paused time since this replica saw PAUSING begin; zero before
 * @param replica this replica's name
 * @param replicas the living replicas, and those of the switch that have stopped, with what each
 *     told of this switch
 * @param deciding the living replicas that decide: not one that is starting or stopping
 * @param serves whether the old server serves, in the epoch before the switch
 * @param silent whether nothing is heard of the old server's machine
 * @param target the new server
 * @param hooks the hooks of the pool
 * @param call the call that this replica made in this phase; null if it made none
 * @param callDetail what came of that call, for people; empty while it runs
 * @param holdTime the pool's {@code hold.time}
 * @param cutsAtEnd whether what still runs after its time is cut even without force: TCP
 *     connections have no end of their own
 */
public record SwitchFacts(
    Instant now,
    Duration inPhase,
    Duration paused,
    String replica,
    Map<String, Release> replicas,
    Set<String> deciding,
    boolean serves,
    boolean silent,
    Target target,
    Hooks hooks,
    @Nullable Call call,
    String callDetail,
    Duration holdTime,
    boolean cutsAtEnd) {
  /** What a replica told of a switch. */
  public enum Release {
    /** Nothing: it may still send something to the old server. */
    NONE,
    /** As RELEASED, but a hook that it called before still runs at the old or the new server. */
    CALLING,
    /** It sends nothing to the old server, and begins nothing. */
    RELEASED,
    /**
     * RELEASED, but it has missed a renewal since then, and may be out of touch: it then sends to
     * the old server again, but not before the pause is over.
     */
    PROMISED,
    /** Nothing that counts, and it has missed a renewal: it may be out of touch. */
    SILENT,
    /** A bound of its hold is reached: a client was refused. */
    FULL;

    /** Whether it sends nothing to the old server before the pause is over. */
    boolean isKept() {
      return this == RELEASED || this == PROMISED;
    }
  }

  /** The state of the new server. */
  public enum Target {
    /** It is UP, ready and known to all. */
    USABLE,
    /** Its first probe is in flight, as after a restart. */
    UNKNOWN,
    /** It responds, but its check is not good. */
    RESPONDS,
    /** The same, and its data is too far behind for a promotion without an operator's word. */
    TOO_FAR_BEHIND,
    /** It does not respond, or not all replicas know it. */
    UNUSABLE,
    /** It must not serve: it is not ready, by an operator or its agent, or not in the pool. */
    WITHDRAWN
  }

  /** The hooks that are set. */
  public record Hooks(boolean demote, boolean promote) {
    public static final Hooks NONE = new Hooks(false, false);

    public static Hooks of(HookSettings settings) {
      return settings.isEmpty()
          ? NONE
          : new Hooks(settings.demote() != null, settings.promote() != null);
    }
  }

  /** A call of a hook. */
  public enum Call {
    /** Its result is awaited. */
    RUNNING,
    DONE,
    /** It was refused: it had no effect. */
    REFUSED,
    /** It may have had an effect: it timed out, or the connection broke. */
    UNCERTAIN
  }
}
