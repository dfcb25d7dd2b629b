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
 * @param portless whether there are endpoints, and none of the slices has the port
 */
record ServiceView(List<Endpoint> endpoints, boolean portless) {
  /** More than any pool has servers. */
  static final int MAX_ENDPOINTS = 5_000;

  /**
   * Merges slices.
   *
   * @param port as {@link Slice#port} takes it
   * @param before the port that the Service had before, where no slice has one any more; 0 if it
   *     had none
   * @param roles of Pods, by their names
   */
  static ServiceView of(
      Collection<Slice> slices, String port, int before, Map<String, PodRole> roles) {
    boolean four =
        slices.stream()
            .flatMap(slice -> slice.members().stream())
            .anyMatch(member -> member.address() instanceof Inet4Address);
    Map<String, Endpoint> merged = new TreeMap<>();
    List<Slice> inhabited = slices.stream().filter(slice -> !slice.members().isEmpty()).toList();
    boolean portless = inhabited.stream().allMatch(slice -> slice.port(port) == 0);
    for (Slice slice : inhabited) {
      int number = portless ? before : slice.port(port);
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
    return new ServiceView(new ArrayList<>(merged.values()), portless && !inhabited.isEmpty());
  }

  private static Endpoint endpoint(
      InetAddress address, int port, Slice.Member member, Map<String, PodRole> roles) {
    Slice.PodName pod = member.pod();
    return new Endpoint(
        address,
        port,
        member.state(),
        label(pod, roles),
        member.zone(),
        pod == null ? null : pod.name());
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
