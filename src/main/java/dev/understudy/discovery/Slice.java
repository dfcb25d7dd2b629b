package dev.understudy.discovery;

import dev.understudy.monitor.Endpoint.State;
import dev.understudy.pool.TextFormat;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An EndpointSlice, as far as it counts here: {@code discovery.k8s.io/v1}, and {@code v1beta1}, of
 * which these fields are the same, except for the zone.
 *
 * @param ports its TCP ports
 */
record Slice(List<Port> ports, List<Member> members) {
  /** The API itself puts at most 1,000 into one. */
  private static final int MAX_MEMBERS = 1_000;

  private static final int MAX_PORTS = 100;

  /** The zone's key in the topology of {@code v1beta1}. */
  private static final String ZONE = "topology.kubernetes.io/zone";

  private static final int HIGHEST_PORT = 65_535;

  /**
   * A port.
   *
   * @param name empty for the only one of a Service that does not name it
   */
  record Port(String name, int number) {}

  /**
   * An endpoint.
   *
   * @param pod null if it is no Pod
   * @param zone null if it has none
   */
  record Member(InetAddress address, State state, @Nullable PodName pod, @Nullable String zone) {}

  /** A Pod; one that has its name after it has another UID. */
  record PodName(String name, String uid) {}

  static Slice read(JsonNode slice) {
    List<Port> ports = new ArrayList<>();
    for (JsonNode port : slice.path("ports")) {
      int number = port.path("port").asInt(0);
      if (ports.size() < MAX_PORTS
          && number > 0
          && number <= HIGHEST_PORT
          && port.path("protocol").asString("TCP").equals("TCP")) {
        ports.add(new Port(port.path("name").asString(""), number));
      }
    }
    List<Member> members = new ArrayList<>();
    for (JsonNode endpoint : slice.path("endpoints")) {
      // "No semantics are defined for additional addresses beyond the first" (v1).
      String literal = endpoint.path("addresses").path(0).asString("");
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(literal);
      if (address != null && members.size() < MAX_MEMBERS) {
        members.add(
            new Member(
                address,
                state(endpoint.path("conditions")),
                pod(endpoint.path("targetRef")),
                zone(endpoint)));
      }
    }
    return new Slice(List.copyOf(ports), List.copyOf(members));
  }

  /**
   * What the conditions come to. A missing one is to be taken as its usual value: ready, serving as
   * it is ready, not terminating. A Pod that terminates is ready all the same if its Service
   * publishes addresses that are not.
   */
  static State state(JsonNode conditions) {
    boolean ready = conditions.path("ready").asBoolean(true);
    boolean serving = conditions.path("serving").asBoolean(ready);
    if (conditions.path("terminating").asBoolean(false)) {
      return serving ? State.TERMINATING : State.UNREADY;
    }
    return ready ? State.READY : State.UNREADY;
  }

  private static @Nullable String zone(JsonNode endpoint) {
    String zone = endpoint.path("zone").asString(endpoint.path("topology").path(ZONE).asString(""));
    return TextFormat.NAME.fits(zone) ? zone : null;
  }

  private static @Nullable PodName pod(JsonNode target) {
    String name = target.path("name").asString("");
    return target.path("kind").asString("").equals("Pod") && !name.isEmpty()
        ? new PodName(name, target.path("uid").asString(""))
        : null;
  }

  /**
   * The number of the port to connect to; 0 if it has no such port.
   *
   * @param wanted a number, which need not be among its ports; a name; or empty for the only port
   */
  int port(String wanted) {
    if (!wanted.isEmpty() && wanted.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Integer.parseInt(wanted);
    }
    if (wanted.isEmpty()) {
      return ports.size() == 1 ? ports.getFirst().number() : 0;
    }
    return ports.stream()
        .filter(port -> port.name().equals(wanted))
        .mapToInt(Port::number)
        .findFirst()
        .orElse(0);
  }
}
