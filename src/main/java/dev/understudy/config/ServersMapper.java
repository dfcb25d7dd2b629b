package dev.understudy.config;

import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Maps a pool's servers, in the file's order. */
final class ServersMapper {
  /** The API's word for a switch to the pool's own choice, so no server may have this name. */
  private static final String RESERVED = "auto";

  private final Problems problems;

  ServersMapper(Problems problems) {
    this.problems = problems;
  }

  /** Returns the valid servers and reports the problems of the others. */
  List<Server> map(@Nullable Map<String, RawPool.ServerEntry> raw, @Nullable MapNode node) {
    List<Server> servers = new ArrayList<>();
    if (raw == null || node == null) {
      return servers;
    }
    for (String name : node.entries().keySet()) {
      if (name.equals(RESERVED)) {
        problems.key(
            node,
            name,
            ProblemValue.quote(name),
            "expected another name: in the API, a switch to auto means the pool's own choice");
      }
      RawPool.ServerEntry entry = raw.get(name);
      Server server = entry == null ? null : server(name, entry, node.map(name));
      if (server != null && isOfOneProtocol(servers, server, node)) {
        servers.add(server);
      }
    }
    if (servers.size() == node.entries().size()
        && servers.stream().noneMatch(server -> server.rank() == Rank.MASTER)
        && !problems.isAnyIn(node.path())) {
      problems.add(node, "expected at least one server with the role master, found backups only");
    }
    return servers;
  }

  private boolean isOfOneProtocol(List<Server> before, Server server, MapNode node) {
    MapNode entry = node.map(server.id().value());
    Node url = entry == null ? null : entry.get("url");
    if (before.isEmpty()
        || url == null
        || before.get(0).address().protocol() == server.address().protocol()) {
      return true;
    }
    problems.wrong(
        url,
        before.get(0).address().protocol() == Protocol.HTTP
            ? "http:// or https://, as the pool's first server has"
            : "tcp:// or tls://, as the pool's first server has");
    return false;
  }

  private void wrong(MapNode server, String url) {
    Node node = server.get("url");
    if (node == null) {
      return;
    }
    if (ServerUrl.hasUser(url)) {
      problems.add(node, "expected " + ServerUrl.expected(url) + "; not shown");
    } else {
      problems.wrong(node, ServerUrl.expected(url));
    }
  }

  private @Nullable Server server(String name, RawPool.ServerEntry entry, @Nullable MapNode node) {
    if (entry.url() == null || node == null || problems.isReported(node.path())) {
      return null;
    }
    ServerAddress address = ServerUrl.parse(entry.url());
    if (address == null) {
      wrong(node, entry.url());
      return null;
    }
    return new Server(
        new ServerId(name),
        address,
        PoolMapper.orElse(entry.role(), Rank.MASTER),
        entry.maxRequests() == null ? OptionalInt.empty() : OptionalInt.of(entry.maxRequests()),
        PoolMapper.orElse(entry.weight(), Server.DEFAULT_WEIGHT));
  }
}
