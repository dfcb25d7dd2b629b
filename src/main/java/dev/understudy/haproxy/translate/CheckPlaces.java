package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.yaml.YamlMap;
import java.util.List;
import java.util.Optional;

/**
 * Where a backend's servers are checked: the port of {@code port}, else that of {@code addr}, else
 * the server's own; {@code connect port} of the check comes before all. A port that all have is the
 * pool's.
 */
final class CheckPlaces {
  private static final int HIGHEST = 65_535;

  private final YamlMap health;
  private final List<Backends.Entry> servers;
  private final Ledger ledger;

  private CheckPlaces(YamlMap health, List<Backends.Entry> servers, Ledger ledger) {
    this.health = health;
    this.servers = servers;
    this.ledger = ledger;
  }

  /** Adds them to the pool's health, which has the port of {@code connect}, or to the servers. */
  static void addTo(YamlMap health, List<Backends.Entry> servers, Ledger ledger) {
    CheckPlaces places = new CheckPlaces(health, servers, ledger);
    if (!health.has("port")) {
      places.ports();
    }
    servers.forEach(places::host);
  }

  private void ports() {
    List<Integer> ports =
        servers.stream().filter(Backends.Entry::isChecked).map(this::port).distinct().toList();
    if (ports.size() != 1) {
      servers.forEach(each -> put(each.yaml(), "health-port", port(each)));
    } else {
      put(health, "port", ports.getFirst());
    }
  }

  private static void put(YamlMap map, String key, int port) {
    if (port > 0) {
      map.put(key, port);
    }
  }

  /** 0: its own. */
  private int port(Backends.Entry server) {
    String text = server.line().value("port");
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    if (port > HIGHEST || (port == 0 && !text.matches("0*"))) {
      ledger.unsupported(
          server.statement(),
          "checked at its own port: expected one up to 65535, found '" + text + "'");
      return 0;
    }
    return port > 0 ? port : address(server).map(ServerTarget::port).orElse(0);
  }

  private void host(Backends.Entry server) {
    Optional<ServerTarget> address = address(server);
    if (address.isPresent()) {
      server.yaml().put("health-host", address.get().host().replaceAll("[\\[\\]]", ""));
    } else if (server.line().find("addr").isPresent()) {
      ledger.unsupported(
          server.statement(),
          "checked at its own address: '" + server.line().value("addr") + "' is no host");
    }
  }

  private static Optional<ServerTarget> address(Backends.Entry server) {
    return server.line().find("addr").flatMap(ServerTarget::parse);
  }
}
