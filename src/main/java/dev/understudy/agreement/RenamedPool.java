package dev.understudy.agreement;

import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pool that a file renamed: its servers are those of another pool, by URL, and may have other
 * names. What is agreed on the one holds for the other.
 *
 * @param servers the servers' names, by those that they had
 */
public record RenamedPool(Map<ServerIdentity, ServerIdentity> servers) {
  public RenamedPool {
    servers = Map.copyOf(servers);
  }

  /** The servers of a pool, and the names or Services from which it finds further ones. */
  public static Set<ServerIdentity> servers(Pool pool) {
    Set<ServerIdentity> servers = new HashSet<>();
    pool.servers().forEach(server -> servers.add(ServerIdentity.of(server)));
    pool.templates()
        .forEach(template -> servers.add(ServerIdentity.of(template.id(), template.address())));
    return servers;
  }

  /** Empty if the two do not have the same servers, or one URL stands for two servers of a pool. */
  public static Optional<RenamedPool> of(
      Collection<ServerIdentity> before, Collection<ServerIdentity> after) {
    Map<String, ServerIdentity> byAddress = new HashMap<>();
    after.forEach(server -> byAddress.put(server.address(), server));
    Map<ServerIdentity, ServerIdentity> names = new HashMap<>();
    for (ServerIdentity server : before) {
      ServerIdentity now = byAddress.get(server.address());
      if (now == null) {
        return Optional.empty();
      }
      names.put(server, now);
    }
    boolean same =
        !before.isEmpty()
            && before.size() == after.size()
            && Set.copyOf(names.values()).size() == after.size();
    return same ? Optional.of(new RenamedPool(names)) : Optional.empty();
  }

  /**
   * Whether what was agreed on the earlier pool is taken along, as it is newer than what is known
   * under the name of now.
   *
   * @param earlier the epoch of the earlier pool; 0 if nothing was agreed on it
   * @param known the epoch under the name of now; 0 if nothing was agreed
   * @param anew whether the name of now is new: the same epoch is then no agreement under it
   */
  public static boolean isTakenAlong(long earlier, long known, boolean anew) {
    return earlier > known || (anew && earlier == known);
  }

  /** Whether no server has another name. */
  public boolean keepsNames() {
    return servers.entrySet().stream()
        .allMatch(server -> server.getKey().equals(server.getValue()));
  }

  /** A server's identity now; that of a server that a name or Service gave is the same. */
  public ServerIdentity of(ServerIdentity before) {
    return servers.getOrDefault(before, before);
  }

  private @Nullable ServerId name(@Nullable ServerId before) {
    return servers.entrySet().stream()
        .filter(server -> server.getKey().id().equals(before))
        .map(server -> server.getValue().id())
        .findFirst()
        .orElse(before);
  }

  private ServerId of(ServerId before) {
    return Objects.requireNonNull(name(before));
  }

  /**
   * What was agreed on. A planned switch and calls of hooks that are owed name servers: they are
   * kept only if no server has another name.
   */
  public AgreedRole of(AgreedRole before) {
    if (keepsNames()) {
      return before;
    }
    RoleState role = before.roleState();
    RoleState renamed =
        new RoleState(
            name(role.serving()),
            role.epoch(),
            name(role.pinned()),
            role.failbacks(),
            role.lastFailback(),
            of(role.memory()));
    ServerIdentity identity = before.identity();
    return before
        .with(renamed)
        .with(identity == null ? null : of(identity))
        .with((PlannedSwitch) null)
        .with(OwedHooks.NONE);
  }

  private RoleMemory of(RoleMemory before) {
    Set<ServerId> stale = new HashSet<>();
    before.stale().forEach(server -> stale.add(of(server)));
    return new RoleMemory(name(before.holder()), before.history(), stale);
  }

  /** The operators' states, and who set them. */
  public OperatorStates of(OperatorStates before) {
    if (keepsNames()) {
      return before;
    }
    Map<ServerId, OperatorState> states = new HashMap<>();
    before.states().forEach((server, state) -> states.put(of(server), state));
    Map<ServerId, OperatorStates.Act> acts = new LinkedHashMap<>();
    before.acts().forEach((server, act) -> acts.put(of(server), act));
    return new OperatorStates(states, acts, before.maintenance());
  }
}
