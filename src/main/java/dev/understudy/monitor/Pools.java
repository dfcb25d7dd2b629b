package dev.understudy.monitor;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All pools of the configuration in force, and whether the first one has been judged. */
final class Pools {
  private final Context context;
  private final Publisher publisher;
  private final Map<PoolId, PoolController> controllers = new HashMap<>();
  private final Set<ServerController> awaited = new HashSet<>();
  private boolean configured;
  private volatile boolean ready;

  Pools(Context context, Publisher publisher) {
    this.context = context;
    this.publisher = publisher;
  }

  @Nullable PoolController get(PoolId id) {
    return controllers.get(id);
  }

  /** Whether every server of the first configuration has been judged; from any thread. */
  boolean ready() {
    return ready && context.agreement().ready();
  }

  /** Applies a new configuration; pools that equal the ones before are not touched. */
  void take(Map<PoolId, Pool> wanted) {
    for (PoolController pool : List.copyOf(controllers.values())) {
      if (!wanted.containsKey(pool.id())) {
        controllers.remove(pool.id());
        pool.stop();
        publisher.removed(pool);
      }
    }
    context.agreement().retain(servers(wanted));
    wanted.values().forEach(this::take);
    await();
  }

  private void take(Pool wanted) {
    PoolController pool = controllers.get(wanted.id());
    if (pool == null) {
      PoolController added = new PoolController(context, wanted, new News());
      controllers.put(wanted.id(), added);
      added.start(keptFrom());
    } else if (!pool.file().equals(wanted)) {
      pool.reconfigure(wanted);
    }
  }

  private String keptFrom() {
    if (context.agreement().status().store() != null) {
      return "as the replicas agreed";
    }
    return configured ? "from before it was removed" : "from the state file";
  }

  private void await() {
    Set<ServerController> existing =
        controllers.values().stream()
            .flatMap(pool -> pool.servers().stream())
            .collect(Collectors.toSet());
    if (configured) {
      awaited.retainAll(existing);
    } else {
      configured = true;
      awaited.addAll(existing);
    }
    readyIfComplete();
  }

  private void readyIfComplete() {
    if (!ready && configured && awaited.isEmpty()) {
      publisher.whenPublished(
          () -> {
            ready = true;
            context.agreement().synced();
          });
    }
  }

  private static Map<PoolId, Set<ServerId>> servers(Map<PoolId, Pool> pools) {
    Map<PoolId, Set<ServerId>> servers = new HashMap<>();
    pools.forEach(
        (id, pool) ->
            servers.put(
                id,
                pool.servers().stream().map(Server::id).collect(Collectors.toUnmodifiableSet())));
    return servers;
  }

  private final class News implements PoolController.Listener {
    @Override
    public void changed(PoolController pool) {
      publisher.changed(pool);
    }

    @Override
    public void touched(PoolController pool) {
      publisher.touched(pool);
    }

    @Override
    public void firstResponse(ServerController server) {
      awaited.remove(server);
      readyIfComplete();
    }
  }
}
