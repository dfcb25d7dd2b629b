package dev.understudy.pool;

import dev.understudy.pool.Setting.Unset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls at the moments when a failover pool's role moves.
 *
 * @param demote Fences the old server: tells it that it is no longer the master.
 * @param promote Tells the new server that it is the master.
 */
public record HookSettings(
    @Unset("none") @Nullable Hook demote, @Unset("none") @Nullable Hook promote) {
  public static final HookSettings NONE = new HookSettings(null, null);

  /** The hook of that kind; null if there is none. */
  public @Nullable Hook of(boolean promotes) {
    return promotes ? promote : demote;
  }

  /** The names of those that are set. */
  public List<String> names() {
    List<String> names = new ArrayList<>(2);
    if (demote != null) {
      names.add("demote");
    }
    if (promote != null) {
      names.add("promote");
    }
    return names;
  }

  /** Whether a server must be promoted before it serves. */
  public boolean promotesFirst() {
    return promote != null && promote.required();
  }

  public boolean isEmpty() {
    return demote == null && promote == null;
  }
}
