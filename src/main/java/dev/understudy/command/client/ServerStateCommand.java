package dev.understudy.command.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets the operator state of a server, of all servers at one host, or of a whole pool. */
abstract class ServerStateCommand extends PoolChange {
  /** Sets a server to ready. */
  @Command(
      name = "ready",
      description = {
        "Puts a server back after drain or maintenance.",
        "With POOL alone: ends the maintenance of the pool."
      })
  static final class Ready extends ServerStateCommand {
    @Override
    public Integer call() {
      return isOfPool()
          ? setPool(new LinkedHashMap<>(Map.of("state", "ready")))
          : set("ready", false);
    }
  }

  /** Sets a server to drain. */
  @Command(
      name = "drain",
      description =
          "Takes a server out gently: no new sessions; running requests finish, sessions stay until"
              + " they end.")
  static final class Drain extends ServerStateCommand {
    @Mixin private final Force force = new Force();

    @Override
    public Integer call() {
      return set("drain", force.given);
    }
  }

  /** Sets a server to maintenance. */
  @Command(
      name = "maintenance",
      description = {
        "Takes a server out at once: its sessions, WebSockets and streams leave it.",
        "With POOL alone: the pool serves nobody on purpose, but for addresses of --allow; its"
            + " clients get a page for maintenance."
      })
  static final class Maintenance extends ServerStateCommand {
    @Mixin private final Force force = new Force();

    @Option(
        names = "--until",
        paramLabel = "TIME",
        description =
            "With POOL alone: it ends by itself at that time, such as 2027-01-31T22:00:00Z, at most"
                + " 30 days ahead.")
    private @Nullable String until;

    @Option(
        names = "--allow",
        paramLabel = "CIDR",
        split = ",",
        description =
            "With POOL alone: clients of that network, such as 10.0.0.0/8, are served. At most 16,"
                + " with commas or repeated.")
    private List<String> allow = List.of();

    @Override
    public Integer call() {
      boolean plain = until == null && allow.isEmpty();
      if (isOfPool() ? force.given : !plain) {
        throw ClientFailure.usage(
            "--until and --allow want POOL alone, --force wants POOL and SERVER or --host");
      }
      if (!isOfPool()) {
        return set("maintenance", force.given);
      }
      Map<String, Object> body = new LinkedHashMap<>(Map.of("state", "maintenance"));
      if (until != null) {
        body.put("until", until);
      }
      if (!allow.isEmpty()) {
        body.put("allow", allow);
      }
      return setPool(body);
    }
  }

  private static final class Force {
    @Option(names = "--force", description = "Even if it is the only usable server of the pool.")
    private boolean given;
  }

  private record Target(String pool, String server) {
    String path() {
      return "/api/pools/"
          + ManagementApi.encoded(pool)
          + "/servers/"
          + ManagementApi.encoded(server)
          + "/state";
    }
  }

  @Parameters(index = "0", arity = "0..1", paramLabel = "POOL", description = "The pool.")
  private @Nullable String pool;

  @Parameters(index = "1", arity = "0..1", paramLabel = "SERVER", description = "The server.")
  private @Nullable String server;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Instead of POOL and SERVER: every server at this host, in all pools.")
  private @Nullable String host;

  /** Whether a pool is named, and neither a server nor a host. */
  final boolean isOfPool() {
    return pool != null && server == null && host == null;
  }

  /** Sends the state of the pool. */
  final int setPool(Map<String, Object> body) {
    String name = Objects.requireNonNull(pool);
    String path = "/api/pools/" + ManagementApi.encoded(name) + "/state";
    return change("PUT", path, body, name + " is set to " + body.get("state"), false);
  }

  /**
   * Sends the state.
   *
   * @param state the API's word
   * @param force also takes out the only usable server of a pool
   * @return refused if one of several servers was, and the others are changed
   */
  final int set(String state, boolean force) {
    List<Target> targets = targets();
    boolean several = host != null;
    int status = ExitStatus.DONE;
    for (Target target : targets) {
      Map<String, Object> body = new LinkedHashMap<>(Map.of("state", state));
      if (force) {
        body.put("force", true);
      }
      String done = target.server + " of " + target.pool + " is set to " + state;
      try {
        change("PUT", target.path(), body, done, several);
      } catch (ClientFailure failure) {
        if (!several) {
          throw failure;
        }
        status = failed(target.pool, failure);
      }
    }
    return status;
  }

  private List<Target> targets() {
    if (host == null) {
      if (pool == null || server == null) {
        throw ClientFailure.usage("expected POOL and SERVER, or --host");
      }
      return List.of(new Target(pool, server));
    }
    if (pool != null) {
      throw ClientFailure.usage("expected POOL and SERVER, or --host, not both");
    }
    List<Target> targets = new ArrayList<>();
    for (JsonValue each : pools()) {
      for (JsonValue one : each.at("servers").list()) {
        if (isAt(host, one)) {
          targets.add(new Target(each.at("name").text(""), one.at("name").text("")));
        }
      }
    }
    if (targets.isEmpty()) {
      throw ClientFailure.failed("No pool has a server at " + host + ".");
    }
    return targets;
  }
}
