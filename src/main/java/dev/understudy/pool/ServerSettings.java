package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Key;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Whole;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a server beside its address; of a name with {@code count}, those of each of its
 * servers.
 *
 * @param rank A backup serves while no master is usable.
 * @param maxRequests Requests, or TCP connections, that one replica sends to the server at once.
 *     Further ones wait in [{@code hold}](failover.md#hold); the oldest is the first to go on.
 * @param weight Share of the traffic in a [{@code balance}](balance.md) pool, relative to the other
 *     servers. With {@code 0} a server keeps its sessions and gets no new ones.
 * @param healthPort Port of this server that probes connect to (HAProxy {@code check port}).
 *     Example: two Patronis on ports 8008 and 8009 of one machine. With a {@code count} it is the
 *     port of each server.
 * @param healthHost Host that probes connect to (HAProxy {@code check addr}). An
 *     [agent](checks.md#agents) without a {@code host} of its own is asked there too. Names are
 *     resolved again and again. {@code Host} and the name in TLS are still those of the {@code
 *     url}.
 * @param zone Where it runs, for [{@code prefer-same-zone}](balance.md#zones). Pods of a cluster
 *     have theirs from their nodes.
 */
public record ServerSettings(
    @Key("role") @Default("master") Rank rank,
    @Unset("no limit") @Whole(min = 1, max = 1_000_000) OptionalInt maxRequests,
    @Default("1") @Whole(min = 0, max = ServerSettings.MAX_WEIGHT) int weight,
    @Unset("the port of [`health`](checks.md), else its own") @Whole(min = 1, max = 65_535)
        OptionalInt healthPort,
    @Unset("its own") @Text(TextFormat.HOST_OR_ADDRESS) @Nullable String healthHost,
    @Unset("none") @Text(TextFormat.NAME) @Nullable String zone) {
  public static final int MAX_WEIGHT = 256;

  public ServerSettings {
    if (weight < 0 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("expected a weight from 0 to 256, found " + weight);
    }
  }

  /** Whether probes connect to the same host and port as with {@code other}. */
  public boolean isProbedAs(ServerSettings other) {
    return healthPort.equals(other.healthPort) && Objects.equals(healthHost, other.healthHost);
  }

  /** Whether neither host nor port of its probes is set. */
  boolean isProbedAtItsOwnPort() {
    return healthPort.isEmpty() && healthHost == null;
  }

  /** The same without a host and a port for probes. */
  ServerSettings probedAtItsOwnPort() {
    return new ServerSettings(rank, maxRequests, weight, OptionalInt.empty(), null, zone);
  }

  /** The same in another zone. */
  ServerSettings inZone(@Nullable String other) {
    return new ServerSettings(rank, maxRequests, weight, healthPort, healthHost, other);
  }
}
