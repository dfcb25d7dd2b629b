package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerTemplate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The weights of servers whose templates have a share: it is divided among the template's servers
 * by their weights, so that a Service of three Pods gets no more than one of a single Pod.
 */
final class ServiceShares {
  /** The weight of all servers together. */
  static final int ALL = 1_000_000;

  private ServiceShares() {}

  /**
   * The weights by the servers' indexes; null if no template has a share. A server of no template
   * keeps nothing of the whole.
   */
  static int @Nullable [] of(Pool pool) {
    List<ServerTemplate> templates = pool.templates();
    if (templates.stream().allMatch(each -> each.share() == 0)) {
      return null;
    }
    List<Server> servers = pool.servers();
    int[] owner = new int[servers.size()];
    long[] weights = new long[templates.size()];
    for (int i = 0; i < owner.length; i++) {
      owner[i] = owner(servers.get(i), templates);
      if (owner[i] >= 0) {
        weights[owner[i]] += servers.get(i).settings().weight();
      }
    }
    long shares = 0;
    for (int i = 0; i < weights.length; i++) {
      shares += weights[i] == 0 ? 0 : templates.get(i).share();
    }
    int[] result = new int[owner.length];
    for (int i = 0; i < result.length; i++) {
      int template = owner[i];
      long own = servers.get(i).settings().weight();
      if (template >= 0 && own > 0) {
        double part = (double) templates.get(template).share() / shares * own / weights[template];
        result[i] = (int) Math.max(1, Math.round(part * ALL));
      }
    }
    return result;
  }

  private static int owner(Server server, List<ServerTemplate> templates) {
    int owner = -1;
    for (int i = 0; i < templates.size(); i++) {
      String id = templates.get(i).id().value();
      if (templates.get(i).names(server.id())
          && (owner < 0 || id.length() > templates.get(owner).id().value().length())) {
        owner = i;
      }
    }
    return owner;
  }
}
