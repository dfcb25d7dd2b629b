package dev.understudy.config;

import dev.understudy.pool.PodNames;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.pool.ServerTemplate.Records;
import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Maps a pool's servers, in the file's order.
 *
 * @param hold time for which servers of a name stay after their records have gone
 */
record ServersMapper(Problems problems, Duration hold) {
  /** The API's word for a switch to the pool's own choice, so no server may have this name. */
  private static final String RESERVED = "auto";

  /** The servers of a pool, and those that DNS or a cluster will tell. */
  record Mapped(List<Server> servers, List<ServerTemplate> templates) {
    /** What the servers speak; null if there are none. */
    @Nullable Protocol protocol() {
      if (!servers.isEmpty()) {
        return servers.get(0).address().protocol();
      }
      return templates.isEmpty() ? null : templates.get(0).address().protocol();
    }

    private int most() {
      return servers.size() + templates.stream().mapToInt(ServerTemplate::count).sum();
    }

    private boolean hasMaster() {
      return servers.stream().anyMatch(server -> server.rank() == Rank.MASTER)
          || templates.stream().anyMatch(template -> template.settings().rank() == Rank.MASTER);
    }
  }

  /** Returns the valid servers and reports the problems of the others. */
  Mapped map(@Nullable Map<String, RawPool.ServerEntry> raw, @Nullable MapNode node) {
    Mapped mapped = new Mapped(new ArrayList<>(), new ArrayList<>());
    if (raw == null || node == null) {
      return mapped;
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
      MapNode of = node.map(name);
      if (entry != null && entry.url() != null && of != null && !problems.isReported(of.path())) {
        add(name, entry, entry.url(), of, mapped);
      }
    }
    if (!problems.isAnyIn(node.path())) {
      together(mapped, node);
      mapped.templates().replaceAll(each -> withoutNamed(each, mapped.templates()));
    }
    return mapped;
  }

  /** A template that names no Pods has those that no other one of its Service names. */
  private static ServerTemplate withoutNamed(ServerTemplate template, List<ServerTemplate> all) {
    if (template.records() != Records.ENDPOINTS || !template.pods().others()) {
      return template;
    }
    Set<String> named = new TreeSet<>();
    for (ServerTemplate each : all) {
      if (isOfOneService(each, template) && !each.pods().others()) {
        named.addAll(each.pods().names());
      }
    }
    return named.isEmpty() ? template : template.of(new PodNames(named, true));
  }

  private static boolean isOfOneService(ServerTemplate one, ServerTemplate other) {
    return one.records() == other.records() && one.address().host().equals(other.address().host());
  }

  private void podsOnce(ServerTemplate template, List<ServerTemplate> all, MapNode node) {
    for (ServerTemplate each : all.subList(0, all.indexOf(template))) {
      if (isOfOneService(each, template)
          && !each.pods().others()
          && !Collections.disjoint(each.pods().names(), template.pods().names())) {
        MapNode server = node.map(template.id().value());
        if (server != null) {
          wrong(server, "pods", "each Pod of a Service once: " + each.id() + " has one of these");
        }
        return;
      }
    }
  }

  private void together(Mapped mapped, MapNode node) {
    if (!mapped.hasMaster()) {
      problems.add(node, "expected at least one server with the role master, found backups only");
    }
    if (mapped.most() > DynamicFileLimits.SERVERS) {
      problems.add(
          node,
          "expected at most "
              + DynamicFileLimits.SERVERS
              + " servers, the servers of each count included");
    }
    for (ServerTemplate template : mapped.templates()) {
      if (!template.pods().others()) {
        podsOnce(template, mapped.templates(), node);
      }
    }
    for (Server server : mapped.servers()) {
      for (ServerTemplate template : mapped.templates()) {
        if (template.names(server.id())) {
          problems.key(
              node,
              server.id().value(),
              ProblemValue.quote(server.id().value()),
              "expected another name: the servers of "
                  + template.id()
                  + " have names that begin like this one");
        }
      }
    }
  }

  private boolean isOfOneProtocol(Mapped before, ServerAddress address, MapNode server) {
    Protocol expected = before.protocol();
    Node url = server.get("url");
    if (expected == null || url == null || expected == address.protocol()) {
      return true;
    }
    problems.wrong(
        url,
        expected == Protocol.HTTP
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

  private void add(String name, RawPool.ServerEntry entry, String url, MapNode node, Mapped to) {
    Records records =
        ServerUrl.isService(url)
            ? Records.SERVICES
            : ServerUrl.isEndpoints(url) ? Records.ENDPOINTS : Records.ADDRESSES;
    ServerUrl.Endpoints endpoints =
        records == Records.ENDPOINTS ? ServerUrl.parseEndpoints(url) : null;
    ServerAddress address =
        switch (records) {
          case ADDRESSES -> ServerUrl.parse(url);
          case SERVICES -> ServerUrl.parseService(url);
          case ENDPOINTS -> endpoints == null ? null : endpoints.address();
        };
    Integer count = entry.count();
    if (address == null) {
      wrong(node, url);
      return;
    }
    if (!isOfOneProtocol(to, address, node)) {
      return;
    }
    if (endpoints == null && entry.roleLabel() != null) {
      wrong(
          node, "role-label", "no role-label, as only Pods have labels: they need a url with +k8s");
    }
    if (endpoints == null && entry.pods() != null) {
      wrong(node, "pods", "no pods, as these are found by a url with +k8s only");
    }
    if (node.get("pods") instanceof ListNode pods && pods.items().isEmpty()) {
      wrong(node, "pods", "at least one Pod");
    }
    if (endpoints != null && entry.settings().zone() != null) {
      wrong(node, "zone", "no zone, as a Pod has the zone of its node");
    }
    if (count == null && records == Records.ADDRESSES) {
      to.servers().add(new Server(new ServerId(name), address, null, entry.settings()));
    } else if (count == null) {
      String what = endpoints == null ? "the SRV records" : "the Service's endpoints";
      problems.missing(node, "count", "the highest number of servers to take from " + what);
    } else if (name.length() > ServerTemplate.MAX_ID) {
      problems.add(
          node, "expected a name of at most 24 characters, as an address is appended to it");
    } else if (NetUtil.createByteArrayFromIpAddressString(address.host()) != null) {
      wrong(node, "count", "no count, as the url has an IP address instead of a name");
    } else {
      String label = entry.roleLabel();
      to.templates()
          .add(
              new ServerTemplate(
                  new ServerId(name),
                  address,
                  records,
                  count,
                  entry.settings(),
                  endpoints == null ? hold : Duration.ZERO,
                  endpoints == null ? "" : endpoints.port(),
                  label == null ? null : RoleLabel.parse(label),
                  entry.pods() == null ? PodNames.ALL : new PodNames(entry.pods(), false),
                  0));
    }
  }

  private void wrong(MapNode server, String key, String expected) {
    Node node = server.get(key);
    if (node != null) {
      problems.wrong(node, expected);
    }
  }
}
