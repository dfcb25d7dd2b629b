package dev.understudy.switchover;

import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts.Hooks;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The calls of hooks that are owed since the role moved without a plan, as all replicas know it. A
 * change of the serving server, or of the one that is to be promoted first, leaves:
 *
 * <table>
 * <caption>Calls that are owed after a change</caption>
 * <tr><th>server<th>change<th>owed
 * <tr><td>the one that serves<td>first choice of a new pool<td>nothing
 * <tr><td><td>any other<td>promote
 * <tr><td>the one that is to be promoted before it serves<td>any<td>promote
 * <tr><td>the one that served, or was to be promoted first<td>another takes its place, or nobody
 *     <td>demote, from now on
 * <tr><td>another<td>any<td>demote, if it was owed before
 * </table>
 *
 * <p>A hook that the pool does not have is not owed. A planned switch makes its calls itself; they
 * are not owed.
 *
 * @param from the server that served last before the change; null if none did, or nothing is owed
 * @param demote the servers that are to be fenced, and since when, by the clock of the replica that
 *     moved the role. Nobody is fenced before another has its place. One that the pool does not
 *     have now may come back; so the newest {@value #MOST} are kept
 * @param promote the server that is to be told that it is the master: the serving one or, while
 *     nobody serves, the one that serves once it is promoted; null if none is
 * @param pin whether an operator switched to {@code promote}, so that it is pinned once it serves
 * @param passed how often a replica has passed the calls on to the next one, as they failed there,
 *     since somebody served last, or nothing was owed
 */
public record OwedHooks(
    @Nullable ServerId from,
    Map<ServerId, Instant> demote,
    @Nullable ServerId promote,
    boolean pin,
    int passed) {
  /** More servers than ever have to be fenced at once, except for Pods that are gone for good. */
  static final int MOST = 64;

  public static final OwedHooks NONE = new OwedHooks(null, Map.of(), null, false);

  /** Calls that were not passed on. */
  public OwedHooks(
      @Nullable ServerId from,
      Map<ServerId, Instant> demote,
      @Nullable ServerId promote,
      boolean pin) {
    this(from, demote, promote, pin, 0);
  }

  public OwedHooks {
    demote = demote.size() > MOST ? newest(demote) : Map.copyOf(demote);
  }

  private static Map<ServerId, Instant> newest(Map<ServerId, Instant> demote) {
    return demote.entrySet().stream()
        .sorted(Map.Entry.<ServerId, Instant>comparingByValue().reversed())
        .limit(MOST)
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private OwedHooks of(
      @Nullable ServerId last,
      Map<ServerId, Instant> fenced,
      @Nullable ServerId promoted,
      boolean pins) {
    boolean nothing = fenced.isEmpty() && promoted == null;
    return nothing ? NONE : new OwedHooks(last, fenced, promoted, pins, passed);
  }

  /**
   * What is owed after the role moved, by the table.
   *
   * @param left the server that served until now; null if none did
   * @param to the server that serves, or that is to be promoted first; null if there is none
   * @param told whether {@code to} is to be told: not at the first choice of a new pool
   */
  public OwedHooks moved(
      @Nullable ServerId left, @Nullable ServerId to, boolean told, Hooks hooks, Instant now) {
    ServerId before = left == null ? from : left;
    Map<ServerId, Instant> fenced = new TreeMap<>();
    if (hooks.demote()) {
      fenced.putAll(demote);
      for (ServerId each : new ServerId[] {left, promote}) {
        if (each != null) {
          fenced.putIfAbsent(each, now);
        }
      }
      if (to != null) {
        fenced.remove(to);
      }
    }
    OwedHooks next = of(before, fenced, told && hooks.promote() ? to : null, false);
    return left == null ? next : next.anew();
  }

  /** The number of calls. */
  public int count() {
    return demote.size() + (promote == null ? 0 : 1);
  }

  /** The part of it that concerns the servers and hooks that the pool has. */
  public OwedHooks in(Pool pool) {
    if (equals(NONE)) {
      return NONE;
    }
    Hooks hooks = Hooks.of(pool.settings().hooks());
    Map<ServerId, Instant> fenced = new TreeMap<>(hooks.demote() ? demote : Map.of());
    fenced.keySet().removeIf(server -> pool.server(server) == null);
    boolean tells = hooks.promote() && promote != null && pool.server(promote) != null;
    return of(from, fenced, tells ? promote : null, pin);
  }

  /** The same, with the server that is to be promoted pinned once it serves. */
  public OwedHooks pinning() {
    return new OwedHooks(from, demote, promote, true, passed);
  }

  /** The same, for the first replica in order to call. */
  private OwedHooks anew() {
    return new OwedHooks(from, demote, promote, pin);
  }

  /** The same, for the next replica in order to call. */
  public OwedHooks passedOn() {
    return new OwedHooks(from, demote, promote, pin, passed + 1);
  }

  /** What is owed once that server is fenced, or was told that it is the master. */
  public OwedHooks done(boolean promoted, ServerId server) {
    if (promoted) {
      return Objects.equals(promote, server) ? of(from, demote, null, false) : this;
    }
    Map<ServerId, Instant> rest = new TreeMap<>(demote);
    rest.remove(server);
    return of(from, rest, promote, pin);
  }

  /** What is owed after a planned switch, which told both of its servers. */
  public OwedHooks planned(ServerId to) {
    return of(from, demote, null, false).done(false, to);
  }
}
