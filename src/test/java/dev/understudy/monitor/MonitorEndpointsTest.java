package dev.understudy.monitor;

import static dev.understudy.monitor.FakeEndpoints.endpoint;
import static dev.understudy.monitor.SensePool.SENSE;

import dev.understudy.monitor.Endpoint.State;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.PodNames;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Servers that come and go with the endpoints of a Service. In the stories {@code 1} is the ready
 * endpoint 10.0.0.1, {@code 1-unready} and {@code 1-terminating} are others of its states, {@code
 * 1:primary} has a label, {@code 1@east} a zone and {@code 1=app-0} a Pod's name.
 */
class MonitorEndpointsTest {
  static final List<Story> STORIES =
      Story.of(
          """
          each ready endpoint is a server at its address and port
            endpoints are 2 1 9-unready; begin failover
            servers = "app-10-0-0-1, app-10-0-0-2"; serving = app-10-0-0-1
            app-10-0-0-1.address.host = 10.0.0.1; app-10-0-0-1.address.port = 8080
            app-10-0-0-1.server.address.host = app.shop
          a replica is ready without the cluster after five seconds
            apply failover; wait 4900 ms; ready = false; wait 200 ms; ready = true; servers = ""
            endpoints become 1; serving = app-10-0-0-1
          a replica does not wait for an endpoint that left before its first probe ended
            10.0.0.1 becomes BLACK_HOLED; endpoints are 1 2; apply failover
            wait 100 ms; ready = false; endpoints become 2; ready = true
          an endpoint that is no longer ready leaves at once
            endpoints are 1 2; begin failover; endpoints become 1-unready 2
            servers = app-10-0-0-2; serving = app-10-0-0-2
          while no endpoint is ready those that were are judged by their probes
            endpoints are 1; begin failover; endpoints become 1-unready 2-unready
            servers = app-10-0-0-1; serving = app-10-0-0-1
            endpoints become none; servers = ""
          a terminating pod drains and the role leaves it
            endpoints are 1 2; begin failover; endpoints become 1-terminating 2
            serving = app-10-0-0-2; last.Switched.reason = OPERATOR
            app-10-0-0-1.operatorState = DRAIN; app-10-0-0-1.status = UP
            app-10-0-0-1.stateSetter = cluster
            app-10-0-0-1.operatorAct.operator.reason = its Pod is terminating
            endpoints become 2; servers = app-10-0-0-2
          a terminating pod gets no share while there is another
            endpoints are 1 2; begin balance; endpoints become 1-terminating 2
            receiving = app-10-0-0-2
          a terminating pod serves while no other is usable
            endpoints are 1 2; begin failover; 10.0.0.2 becomes KILLED; wait 5 s
            endpoints become 1-terminating 2
            serving = app-10-0-0-1; app-10-0-0-1.operatorState = READY
            10.0.0.2 becomes HEALTHY; wait 5 s; serving = app-10-0-0-2
          a terminating pod serves again once it is the only server
            endpoints are 1 2; begin failover; endpoints become 1-terminating 2
            serving = app-10-0-0-2; endpoints become 1-terminating
            serving = app-10-0-0-1; app-10-0-0-1.operatorState = READY
          a terminating pod serves again once an operator takes the other out
            endpoints are 1 2; begin balance; endpoints become 1-terminating 2
            force app-10-0-0-2 to MAINTENANCE; receiving = app-10-0-0-1
          an operator's state goes before the cluster's
            endpoints are 1 2; begin balance; set app-10-0-0-1 to MAINTENANCE
            endpoints become 1-terminating 2
            app-10-0-0-1.operatorState = MAINTENANCE; app-10-0-0-1.stateSetter = operator
          a restart keeps the role until the cluster responds after {1 s|10 s}
            in failover the second serves; restart; apply failover; wait {}; serving = null
            endpoints become 1 2; serving = app-10-0-0-2; pool.epoch = 2
          after a restart another server serves if the cluster does not respond
            in failover-and-sen1 the second serves; restart; apply failover-and-sen1
            wait 4900 ms; serving = null; wait 200 ms; serving = sen1; pool.epoch = 3
          a server that the cluster does not have after a restart is left
            in failover the second serves; restart; apply failover; endpoints become 1
            serving = app-10-0-0-1
          a server that was away is fenced once it is back
            endpoints are 1 2; begin hooked; 10.0.0.1 becomes FROZEN
            endpoints become 1-unready 2; serving = app-10-0-0-2; wait 60 s; calls = ""
            10.0.0.1 becomes HEALTHY; endpoints become 1 2
            calls.size = 1; calls ~ demote app-10-0-0-1
          an operator's state is the address's and not that of a pod that comes back elsewhere
            endpoints are 1 2; begin balance; set app-10-0-0-1 to MAINTENANCE
            endpoints become 3 2; servers = "app-10-0-0-2, app-10-0-0-3"
            pool.servers.operatorState = "READY, READY"
            endpoints become 1 2; app-10-0-0-1.operatorState = MAINTENANCE
          the first choice and the next follow labels of servers that are well
            endpoints are 1:replica 2:primary; begin labelled; serving = app-10-0-0-2
            app-10-0-0-1.usable = false; app-10-0-0-1.pod.label.text = role=replica
            endpoints become 1:primary 2:replica; serving = app-10-0-0-1
          a label does not make a server serve whose probes are bad
            10.0.0.1 becomes KILLED; endpoints are 1:primary 2; begin labelled
            serving = app-10-0-0-2
          a server has the zone of its endpoint also with other settings of the pool
            endpoints are 1@east; begin balance; app-10-0-0-1.server.settings.zone = east
            apply weight-7; app-10-0-0-1.server.settings.weight = 7
            app-10-0-0-1.server.settings.zone = east
          another zone at the same address leaves the server's health and connections
            endpoints are 1@east; begin balance; keep app-10-0-0-1.incarnation as before
            endpoints become 1@west; app-10-0-0-1.server.settings.zone = west
            app-10-0-0-1.status = UP; app-10-0-0-1.incarnation = $before
          another label or port in the file leaves the servers until the cluster responds
            endpoints are 1 2; begin failover; keep app-10-0-0-1.incarnation as before
            the cluster is gone; apply labelled; wait 10 s
            servers = "app-10-0-0-1, app-10-0-0-2"; serving = app-10-0-0-1
            app-10-0-0-1.incarnation = $before; apply other-port; wait 10 s
            servers = "app-10-0-0-1, app-10-0-0-2"; serving = app-10-0-0-1
            app-10-0-0-1.incarnation = $before; endpoints become 2; servers = app-10-0-0-2
          another count in the file holds at once and those that leave are the first to go
            endpoints are 1 2 3; begin balance; apply one; wait 1 s; servers = app-10-0-0-1
            apply two; wait 1 s; servers = "app-10-0-0-1, app-10-0-0-2"
            endpoints become 1-terminating 2; apply one; wait 1 s; servers = app-10-0-0-2
          ranks follow the names of Pods wherever these are
            endpoints are 1=app-1 2=app-0 3; begin by-name
            servers = "master-10-0-0-2, rest-10-0-0-1, rest-10-0-0-3"; serving = master-10-0-0-2
            endpoints become 1=app-1 2-terminating=app-0; serving = rest-10-0-0-1
            endpoints become 1=app-1; serving = rest-10-0-0-1
            endpoints become 1=app-1 4=app-0; serving = master-10-0-0-4
          a named Pod that is not ready leaves while other Pods of the Service are
            endpoints are 1=app-1 2=app-0; begin by-name
            endpoints become 1=app-1 2-unready=app-0
            servers = rest-10-0-0-1; serving = rest-10-0-0-1
          other names in the file hold at once
            endpoints are 1=app-1 2=app-0; begin by-name; apply by-other-name; wait 1 s
            servers = "master-10-0-0-1, rest-10-0-0-2"; serving = master-10-0-0-1
          a pool that is removed is not followed any more
            endpoints are 1; begin failover; followers = 1; apply sense; followers = 0
          """);

  static final String SERVICE = "app.shop";
  static final Endpoint READY = endpoint("10.0.0.1", State.READY, null);
  static final Endpoint OTHER = endpoint("10.0.0.2", State.READY, null);
  static final Endpoint ENDING = endpoint("10.0.0.1", State.TERMINATING, null);

  private static final RoleLabel PRIMARY = new RoleLabel("role", "primary");
  private static final Pattern ENDPOINT =
      Pattern.compile(
          "(?<host>\\d)(-(?<state>[a-z]+))?(:(?<label>[a-z]+))?(@(?<zone>[a-z]+))?(=(?<pod>.*))?");

  @AutoClose private final Stage stage;

  MonitorEndpointsTest(@TempDir Path directory) {
    Hook demote = new Hook(null, List.of("demote"), Map.of(), Duration.ofSeconds(5), false);
    Pool failover = pool(PoolMode.FAILOVER);
    stage =
        new Stage(directory)
            .pool("failover", failover)
            .pool("labelled", pool(PoolMode.FAILOVER, template(3, 1, "http", PRIMARY)))
            .pool("other-port", pool(PoolMode.FAILOVER, template(3, 1, "web", null)))
            .pool("failover-and-sen1", SensePool.with(failover, SensePool.backup("192.0.2.1")))
            .pool("hooked", SensePool.with(failover, new HookSettings(demote, null)))
            .pool("balance", pool(PoolMode.BALANCE))
            .pool("weight-7", pool(PoolMode.BALANCE, template(3, 7, "http", null)))
            .pool("by-name", byName("app-0"))
            .pool("by-other-name", byName("app-1"))
            .pool("one", pool(PoolMode.BALANCE, template(1, 1, "http", null)))
            .pool("two", pool(PoolMode.BALANCE, template(2, 1, "http", null)))
            .verb("endpoints are (.*)", on -> set(on.group(1)))
            .verb("endpoints become (.*)", on -> change(on.group(1)))
            .verb("in (\\S+) the second serves", on -> move(on.group(1)))
            .verb("the cluster is gone", on -> endpoints().forget(SERVICE))
            .fact("followers", () -> endpoints().followers(SERVICE));
  }

  private static Pool pool(PoolMode mode, ServerTemplate template) {
    return TestPools.pool(SENSE).mode(mode).templates(template).build();
  }

  /** A pool of the Service's servers. */
  static Pool pool(PoolMode mode) {
    return pool(mode, template(3, 1, "http", null));
  }

  private static Pool byName(String master) {
    return TestPools.pool(SENSE)
        .mode(PoolMode.FAILOVER)
        .templates(
            byName("master", Rank.MASTER, new PodNames(Set.of(master), false)),
            byName("rest", Rank.BACKUP, new PodNames(Set.of(master), true)))
        .build();
  }

  private static ServerTemplate byName(String id, Rank rank, PodNames pods) {
    return new ServerTemplate(
        new ServerId(id),
        TestSettings.address(false, SERVICE, 80),
        ServerTemplate.Records.ENDPOINTS,
        3,
        TestServers.settings(rank, OptionalInt.empty(), 1),
        Duration.ZERO,
        "http",
        null,
        pods,
        0);
  }

  private static ServerTemplate template(
      int count, int weight, String port, @Nullable RoleLabel label) {
    return new ServerTemplate(
        new ServerId("app"),
        TestSettings.address(false, SERVICE, 80),
        ServerTemplate.Records.ENDPOINTS,
        count,
        TestServers.settings(Rank.MASTER, OptionalInt.empty(), weight),
        Duration.ZERO,
        port,
        label);
  }

  private FakeEndpoints endpoints() {
    return stage.bench.endpoints;
  }

  private void set(String all) {
    endpoints()
        .set(
            SERVICE,
            Arrays.stream(all.split(" "))
                .filter(each -> !each.equals("none"))
                .map(MonitorEndpointsTest::parse)
                .toArray(Endpoint[]::new));
  }

  private static Endpoint parse(String text) {
    Matcher of = ENDPOINT.matcher(text);
    of.matches();
    String state = of.group("state");
    return new Endpoint(
        FakeResolver.address("10.0.0." + of.group("host")),
        8080,
        state == null ? State.READY : State.valueOf(state.toUpperCase(Locale.ROOT)),
        of.group("label"),
        of.group("zone"),
        of.group("pod"));
  }

  private void change(String all) {
    set(all);
    stage.bench.advance(1_000);
  }

  /** The role moves to the second server. */
  private void move(String pool) {
    stage.play("endpoints are 1 2; begin " + pool);
    stage.play("10.0.0.1 becomes KILLED; until app-10-0-0-2 serves");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void servers_follow_endpoints(Story story) {
    stage.play(story);
  }
}
