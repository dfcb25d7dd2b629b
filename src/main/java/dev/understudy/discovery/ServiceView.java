package dev.understudy.discovery;

import dev.understudy.monitor.Endpoint;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one Service, merged from its slices.
 *
 * <p>An address that is in several, as while it moves from one to another, counts once, in its best
 * state. Only IPv4 addresses count if there are any: those of IPv6 are the same Pods again.
 *
 * @param endpoints in the order of their addresses
 * @param portless whether there are endpoints, and none has the port
 */
record ServiceView(List<Endpoint> endpoints, boolean portless) {
  /** More than any pool has servers. */
  static final int MAX_ENDPOINTS = 5_000;

  /**
   * Merges slices.
   *
   * @param port as {@link Slice#port} takes it
   * @param roles of Pods, by their names
   */
  static ServiceView of(Collection<Slice> slices, String port, Map<String, PodRole> roles) {
    boolean four =
        slices.stream()
            .flatMap(slice -> slice.members().stream())
            .anyMatch(member -> member.address() instanceof Inet4Address);
    Map<String, Endpoint> merged = new TreeMap<>();
    boolean portless = false;
    for (Slice slice : slices) {
      int number = slice.port(port);
      portless |= number == 0 && !slice.members().isEmpty();
      for (Slice.Member member : slice.members()) {
        if (number != 0
            && member.address() instanceof Inet4Address == four
            && merged.size() < MAX_ENDPOINTS) {
          merged.merge(
              HexFormat.of().formatHex(member.address().getAddress()),
              endpoint(member.address(), number, member, roles),
              ServiceView::better);
        }
      }
    }
    return new ServiceView(new ArrayList<>(merged.values()), portless && merged.isEmpty());
  }

  private static Endpoint endpoint(
      InetAddress address, int port, Slice.Member member, Map<String, PodRole> roles) {
    return new Endpoint(address, port, member.state(), label(member.pod(), roles), member.zone());
  }

  private static @Nullable String label(Slice.@Nullable PodName pod, Map<String, PodRole> roles) {
    if (pod == null) {
      return null;
    }
    PodRole role = roles.get(pod.name());
    return role != null && role.uid().equals(pod.uid()) ? role.value() : null;
  }

  private static Endpoint better(Endpoint one, Endpoint other) {
    return other.state().compareTo(one.state()) < 0 ? other : one;
  }
}
