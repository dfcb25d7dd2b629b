package dev.understudy.settings;

import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Static settings of the [Gateway API](../deploy/gateway-api.md): {@code understudy.gateway-api.*}.
 *
 * @param enabled Whether objects of the Gateway API and FailoverPolicies of the cluster count.
 *     Access to its API is set by {@code understudy.agreement.kubernetes}.
 * @param controllerName The name that a GatewayClass has as its {@code controllerName} if it is
 *     ours.
 * @param ports Ports to listen on, by the ports that Gateways may ask for.
 * @param namespaces Namespaces whose objects count.
 * @param secrets Namespaces whose Secrets are read, for certificates of listeners.
 * @param configMaps Namespaces whose ConfigMaps are read, for authorities of BackendTLSPolicies.
 * @param ingress Whether Ingresses count too: those of an IngressClass whose `controller` is
 *     `controller-name`, or of the class `understudy` if there is none of that name.
 * @param service The Service, in Understudy's own namespace, whose addresses are those of Gateways.
 * @param services Further Services beside it, for Gateways with addresses of their own: `ports` by
 *     name. No two Services have the same port to listen on.
 */
public record GatewayApiSettings(
    @DefaultValue("false") boolean enabled,
    @Values("a domain, `/` and a path") @DefaultValue("understudy.dev/gateway")
        String controllerName,
    @Unset("`80: 9080`, `443: 9443`") @Values("at most 64 ports from 1 to 65535")
        @Nullable Map<Integer, Integer> ports,
    @Unset("all") @Values("at most 32 namespaces") @DefaultValue List<String> namespaces,
    @Unset("`namespaces`") @Values("at most 32 namespaces") @DefaultValue List<String> secrets,
    @Unset("`namespaces`") @Values("at most 32 namespaces") @DefaultValue List<String> configMaps,
    @DefaultValue("false") boolean ingress,
    @Unset("Gateways have no address") @Values("the name of a Service") @Nullable String service,
    @Values("at most 7 Services, each with at most 64 ports") @DefaultValue
        Map<String, Map<Integer, Integer>> services) {
  private static final String PREFIX = "understudy.gateway-api.";
  private static final Map<Integer, Integer> PORTS = Map.of(80, 9080, 443, 9443);
  private static final int MOST_PORTS = 64;
  private static final int MOST_SERVICES = 7;
  private static final int MOST_NAMESPACES = 32;
  private static final int LARGEST_PORT = 65_535;

  public GatewayApiSettings {
    if (!controllerName.matches("[a-z0-9.-]{1,253}/[A-Za-z0-9/._~%!$&'()*+,;=:-]{1,200}")) {
      throw wrong("controller-name", "a domain, a slash and a path", controllerName);
    }
    ports = ports == null || ports.isEmpty() ? PORTS : Map.copyOf(ports);
    services = Collections.unmodifiableMap(new TreeMap<>(services));
    if (services.size() > MOST_SERVICES) {
      throw wrong("services", "at most " + MOST_SERVICES, Integer.toString(services.size()));
    }
    if (!services.isEmpty() && service == null) {
      throw wrong("service", "a Service too where services has further ones", "");
    }
    Set<Integer> taken = new HashSet<>();
    requirePorts("ports", ports, taken);
    services.forEach(
        (name, its) -> {
          requireName("services", name);
          if (name.equals(service)) {
            throw wrong("services", "others than service", name);
          }
          requirePorts("services." + name, its, taken);
        });
    namespaces = names("namespaces", namespaces);
    secrets = names("secrets", secrets);
    configMaps = names("config-maps", configMaps);
    if (service != null) {
      requireName("service", service);
    }
  }

  /**
   * @param taken ports to listen on until now
   */
  private static void requirePorts(
      String setting, Map<Integer, Integer> ports, Set<Integer> taken) {
    if (ports.isEmpty() || ports.size() > MOST_PORTS) {
      throw wrong(setting, "1 to " + MOST_PORTS + " ports", Integer.toString(ports.size()));
    }
    for (Map.Entry<Integer, Integer> port : ports.entrySet()) {
      if (!isPort(port.getKey()) || !isPort(port.getValue())) {
        throw wrong(setting, "ports from 1 to 65535", port.toString());
      }
      if (!taken.add(port.getValue())) {
        throw wrong(setting, "each port to listen on only once", ports.toString());
      }
    }
  }

  private static List<String> names(String setting, List<String> namespaces) {
    if (namespaces.size() > MOST_NAMESPACES) {
      throw wrong(
          setting,
          "at most " + MOST_NAMESPACES + " namespaces",
          Integer.toString(namespaces.size()));
    }
    for (String namespace : namespaces) {
      requireName(setting, namespace);
    }
    return List.copyOf(namespaces);
  }

  private static boolean isPort(int port) {
    return port > 0 && port <= LARGEST_PORT;
  }

  private static void requireName(String setting, String name) {
    if (!name.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) {
      throw wrong(setting, "a DNS label of at most 63 characters", name);
    }
  }

  private static IllegalArgumentException wrong(String setting, String expected, String found) {
    return new IllegalArgumentException(
        PREFIX + setting + ": expected " + expected + ", found \"" + found + "\"");
  }
}
