package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.probe.ServiceRecord;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Servers that come and go with DNS records. */
class MonitorDiscoveryTest {
  static final List<Story> STORIES =
      Story.of(
          """
          each address of the name is a server that is probed there
            app.example resolves to 10.0.0.2 10.0.0.1; begin failover
            servers = "app-10-0-0-1, app-10-0-0-2"; app-10-0-0-1.status = UP
            app-10-0-0-1.address.host = 10.0.0.1; app-10-0-0-1.address.port = 8080
            app-10-0-0-1.server.address.host = app.example; serving = app-10-0-0-1
          a replica is not ready before the first response and the probes of its servers
            names do not respond; apply failover; wait 4900 ms; ready = false; servers = ""
            names respond; app.example resolves to 10.0.0.1; wait 1200 ms; ready = true
          a name without addresses gives a pool without servers and keeps no replica from ready
            begin failover; servers = ""; serving = null
            app.example resolves to 10.0.0.1; wait 2 s; serving = app-10-0-0-1
          a restart keeps the role until the name has addresses after {1 s|10 s}
            app.example resolves to 10.0.0.1 10.0.0.2; begin failover
            10.0.0.1 becomes KILLED; until app-10-0-0-2 serves
            restart; apply failover; wait {}; app.example resolves to 10.0.0.1 10.0.0.2
            wait 2 s; serving = app-10-0-0-2; pool.epoch = 2
          a server that stays is not touched by others that come and go
            app.example resolves to 10.0.0.1; begin failover
            keep app-10-0-0-1.incarnation as before
            app.example resolves to 10.0.0.2 10.0.0.1 10.0.0.0; wait 2 s
            servers = "app-10-0-0-0, app-10-0-0-1, app-10-0-0-2"
            app.example resolves to 10.0.0.1; wait 15 s; servers = app-10-0-0-1
            app-10-0-0-1.incarnation = $before; pool.epoch = 1
          when the serving servers record has gone another serves after the hold
            app.example resolves to 10.0.0.1 10.0.0.2; begin failover
            app.example resolves to 10.0.0.2; wait 9 s; serving = app-10-0-0-1
            wait 3 s; serving = app-10-0-0-2; last.Switched.reason = CONFIGURATION
          the servers stay while names fail
            app.example resolves to 10.0.0.1 10.0.0.2; begin failover
            app.example resolves to; wait 60 s; names do not respond; wait 60 s
            servers = "app-10-0-0-1, app-10-0-0-2"; serving = app-10-0-0-1
          a server is judged by its own probes
            app.example resolves to 10.0.0.1 10.0.0.2; begin balance
            10.0.0.1 becomes KILLED; wait 5 s; app-10-0-0-1.status = DOWN
            receiving = app-10-0-0-2
          service records give hosts and ports in the order of their priority
            services are known; begin services
            pool.servers.server.address = "http://b.example:82, http://a.example:81"
            pool.serving.address.port = 82
          a new file with the same name keeps the servers and gives them its settings
            app.example resolves to 10.0.0.1 10.0.0.2; begin balance
            keep app-10-0-0-1.incarnation as before; apply weight-5; servers = app-10-0-0-1
            app-10-0-0-1.server.settings.weight = 5; app-10-0-0-1.incarnation = $before
          servers have the port and the host for probes of their entry
            app.example resolves to 10.0.0.1; begin balance; apply probed-elsewhere
            app.example resolves to 10.0.0.1 10.0.0.2; wait 10 s
            last-host.app-10-0-0-1 = 192.0.2.9; last-host.app-10-0-0-2 = 192.0.2.9
            last-ports = "8008, 8008"; pool.servers.address.port = "8080, 8080"
          an operators state belongs to the address and survives its absence
            app.example resolves to 10.0.0.1 10.0.0.2; begin failover; set app-10-0-0-2 to DRAIN
            app.example resolves to 10.0.0.1; wait 15 s; apply failover
            app.example resolves to 10.0.0.1 10.0.0.2; wait 3 s
            app-10-0-0-2.operatorState = DRAIN
          a pool that is removed asks no more
            app.example resolves to 10.0.0.1; begin failover; apply sense; apply nothing
            keep asked.size as asked; wait 10 s; asked.size = $asked
          """);

  private static final String NAME = "app.example";
  private static final String SERVICE = "_http._tcp." + NAME;

  @AutoClose private final Stage stage;

  MonitorDiscoveryTest(@TempDir Path directory) {
    stage =
        new Stage(directory)
            .pool("failover", pool(PoolMode.FAILOVER, template(3, settings(1))))
            .pool("balance", pool(PoolMode.BALANCE, template(3, settings(1))))
            .pool("weight-5", pool(PoolMode.BALANCE, template(1, settings(5))))
            .pool("probed-elsewhere", pool(PoolMode.BALANCE, template(3, probedElsewhere())))
            .pool("services", pool(PoolMode.FAILOVER, services()))
            .verb("services are known", on -> setServices())
            .fact("asked", () -> bench().resolver.asked)
            .fact("last-ports", () -> lastPorts());
  }

  private Bench bench() {
    return stage.bench;
  }

  private static Pool pool(PoolMode mode, ServerTemplate template) {
    return TestPools.pool(SENSE).mode(mode).templates(template).build();
  }

  private static ServerSettings settings(int weight) {
    return TestServers.settings(Rank.MASTER, OptionalInt.empty(), weight);
  }

  private static ServerSettings probedElsewhere() {
    return new ServerSettings(
        Rank.MASTER, OptionalInt.empty(), 1, OptionalInt.of(8008), "192.0.2.9", null);
  }

  private static ServerTemplate template(int count, ServerSettings settings) {
    return template(NAME, ServerTemplate.Records.ADDRESSES, count, settings);
  }

  private static ServerTemplate services() {
    return template(SERVICE, ServerTemplate.Records.SERVICES, 3, settings(1));
  }

  private static ServerTemplate template(
      String name, ServerTemplate.Records records, int count, ServerSettings settings) {
    return new ServerTemplate(
        new ServerId("app"),
        TestSettings.address(false, name, 8080),
        records,
        count,
        settings,
        Duration.ofSeconds(10));
  }

  private void setServices() {
    bench()
        .resolver
        .services(
            SERVICE,
            new ServiceRecord(20, "a.example", 81),
            new ServiceRecord(10, "b.example", 82));
    stage.play("a.example resolves to 10.0.0.1; b.example resolves to 10.0.0.2");
  }

  /** The ports of each server's last probe. */
  private List<Integer> lastPorts() {
    return bench().pool().servers().stream()
        .map(
            server ->
                bench().prober.requests.stream()
                    .filter(each -> each.server().id().equals(server.server().id()))
                    .toList()
                    .getLast()
                    .port())
        .toList();
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void servers_follow_records(Story story) {
    stage.play(story);
  }
}
