package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.testing.Await;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The JSON documents, read over a real port. */
class StateEndpointsTest extends OnSharedServer {
  private static final Instant SINCE = Instant.parse("2026-01-01T12:00:00Z");

  @Rows(
      """
      pools come by name               | /api/pools | {pools: [{mode: "balance"}, {mode: "failover"}]}
      a balance pool has no server that serves, all its usable servers do | /api/pools/reports | {serving: null, servers: [{serving: true}, {serving: false}]}
      a server shows its last probe    | /api/pools/reports | {servers: [{}, {lastProbe: {outcome: "BAD_STATUS", detail: "status 503", tookMillis: 1.235}, lastProbeText: "not well: status 503"}]}
      a pool and a server show how old their newest checks are | /api/pools/sense | {checks: {servers: 2, late: 0}, servers: [{checks: {late: false}}, {}]}
      a server shows how it is checked | /api/pools/sense | {servers: [{check: {request: "GET /status", expect: "status 200-399", host: null, port: null, intervalMillis: 2000.0, fastIntervalMillis: 250.0, downIntervalMillis: 1000.0, timeoutMillis: 1000.0, fall: 3, rise: 2}}, {}]}
      routes come in their order with their lane and the reason | /api/routes | [{id: "first", lane: "gateway", why: "predicate Header is not compiled"}, {id: "second", lane: "express"}]
      rates of routes come without the routes | /api/routes?part=rates | {second: 2.5}
      a replica that decides alone is in touch with itself | /api/agreement | {mode: "standalone", inTouch: true, store: null, replica: null, voters: [], pools: []}
      a hook is shown and not called   | /api/pools/sense/servers/sen2/hooks/demote | {url: "http://react-sen2.example.com:8081/", body: "sense/sen2/2/demote/0 from sen2 to sen1", program: null}
      and that of a server that does not serve | /api/pools/sense/servers/sen1/hooks/demote | {body: "sense/sen1/2/demote/0 from sen1 to sen2"}
      certificates come by expiry with the days that are left | /api/certificates | [{bundle: "gone", daysLeft: -1}, {bundle: "soon", daysLeft: 3}, {bundle: "later", daysLeft: 90}]
      rates of the last minutes have a value for each step | /api/rates | {stepSeconds: 10}
      """)
  void a_document_has(String what, String path, String members) {
    assertHas(server.json(path), members);
  }

  @Rows(
      """
      /api/process           | ``     | version java pid startedAt uptimeSeconds cpu memory fileDescriptors eventLoops limits history
      /api/certificates      | /0     | bundle use subject names issuer notBefore notAfter daysLeft
      /api/rates             | ``     | to stepSeconds all pools
      /api/pools/sense/rates | ``     | pool to stepSeconds rates
      /api/pools/sense/rates | /rates | requestsPerSecond errorsPerSecond p99Millis
      """)
  void a_document_has_the_members_that_the_console_reads(String path, String of, String names) {
    assertThat(server.json(path).at(of).propertyNames()).containsExactly(names.split(" "));
  }

  @Test
  void a_pool_shows_its_serving_server_since_when_and_why() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");

    JsonNode pool = server.json("/api/pools/sense");
    assertHas(
        pool,
        """
        {serving: "sen1", epoch: 2, reason: "HEALTH_CHECK_FAILED",
         reasonText: "health check failed", evidence: "status 503", pinned: null}
        """);
    assertThat(Instant.parse(pool.path("since").asString())).isNotNull();
    assertThat(Instant.parse(server.json("/api/pools").path("now").asString())).isNotNull();
  }

  @Test
  void evidence_is_that_of_the_present_epoch_also_if_the_server_was_kept_over_a_restart() {
    server.events.add(new Event.Kept(FakeMonitor.SENSE, FakeMonitor.MASTER, 7, "old", "k"));
    assertHas(server.json("/api/pools/sense"), "{evidence: null}");

    server.events.forget();
    server.events.add(
        new Event.Kept(FakeMonitor.SENSE, FakeMonitor.MASTER, 1, "kept from the state file", "k"));
    assertHas(server.json("/api/pools/sense"), "{evidence: \"kept from the state file\"}");
  }

  @Test
  void
      a_failback_that_is_awaited_says_whose_when_and_why_and_what_serves_although_down_is_remarked_on() {
    server.monitor.explanation(
        new ChoiceExplanation.FailbackAwaited(
            FakeMonitor.BACKUP,
            FakeMonitor.MASTER,
            SINCE.plusSeconds(31),
            "delayed: the server has to be UP for 30 s"));

    assertHas(
        server.json("/api/pools/sense"),
        """
        {failback: "immediate", failbackTo: "sen2", failbackDue: "2026-01-01T12:00:31Z",
         failbackHeldBy: "delayed: the server has to be UP for 30 s", remark: null}
        """);

    server.monitor.explanation(
        new ChoiceExplanation.ServesDown(FakeMonitor.MASTER, "although DOWN"));
    assertHas(
        server.json("/api/pools/sense"),
        "{remark: \"although DOWN\", failbackTo: null, failbackDue: null, failbackHeldBy: null}");
  }

  @Test
  void events_that_explain_carry_their_parts() {
    server.events.add(
        new Event.FailbackAwaited(
            FakeMonitor.SENSE, FakeMonitor.BACKUP, FakeMonitor.MASTER, SINCE, "damped", "waits"));
    server.events.add(new Event.Pinned(FakeMonitor.SENSE, null, null, "no longer pinned"));

    assertHas(
        server.json("/api/events"),
        """
        {events: [{type: "failback-awaited", due: "2026-01-01T12:00:00Z", heldBy: "damped"},
                  {type: "pinned", server: null}]}
        """);
  }

  @Test
  void a_server_has_its_state_and_what_runs_on_it() {
    server.monitor.traffic(FakeMonitor.BACKUP).requests().set(3);
    server.monitor.traffic(FakeMonitor.BACKUP).tunnels().set(2);
    server.monitor.traffic(FakeMonitor.BACKUP).sessions().seen(1, server.monitor.now());
    server.events.add(
        new ServerEvent.HealthChanged(
            FakeMonitor.SENSE,
            FakeMonitor.BACKUP,
            HealthStatus.DOWN,
            HealthStatus.UP,
            1,
            "2 good probes in a row",
            "sen1 is UP"));

    JsonNode backup = server.json("/api/pools/sense").at("/servers/1");
    assertHas(
        backup,
        """
        {name: "sen1", rank: "backup", url: "http://react-sen1.example.com:8080",
         address: "10.0.0.7:8080", status: "UP", state: "ready", usable: true, serving: false,
         circuitOpen: false, requests: 3, tunnels: 2, sessions: 1, maxRequests: 500, zone: null,
         evidence: "2 good probes in a row"}
        """);
    assertThat(backup.path("lastSession").asString()).isNotEmpty();

    server.monitor.at("2001:DB8:0:0:1:0:0:1");
    assertThat(server.json("/api/pools/sense").at("/servers/1/address").asString())
        .as("in the form of RFC 5952")
        .isEqualTo("[2001:db8::1:0:0:1]:8080");
  }

  @Test
  void documents_are_laid_out_for_people() {
    assertThat(server.get("/api/pools/sense").body())
        .startsWith("{\n  \"name\" : \"sense\",\n  \"mode\" : \"failover\",\n")
        .endsWith("}\n");
  }

  private static void applied(String... warnings) {
    server.events.add(
        new ReplicaEvent.ConfigurationApplied(
            "config/g.yaml", List.of(warnings), List.of(), List.of(), "applied"));
  }

  @Test
  void the_configuration_that_runs_is_shown_with_what_is_wrong_with_it_or_with_a_later_one() {
    applied("g.yaml:3: warning: w");
    JsonNode config = server.json("/api/config");
    assertHas(
        config,
        """
        {file: "config/g.yaml", rejectedAt: null, problems: [], warnings: ["g.yaml:3: warning: w"]}
        """);
    Instant appliedAt = Instant.parse(config.path("appliedAt").asString());
    assertThat(server.json("/api/events").at("/events/0/warnings")).hasSize(1);

    server.events.add(
        new ReplicaEvent.ConfigurationRejected(
            "config/g.yaml", List.of("line 3: fall"), "refused"));
    JsonNode refused = server.json("/api/config");
    assertHas(refused, "{problems: [\"line 3: fall\"], warnings: [\"g.yaml:3: warning: w\"]}");
    assertThat(Instant.parse(refused.path("appliedAt").asString())).isEqualTo(appliedAt);
    assertThat(Instant.parse(refused.path("rejectedAt").asString())).isAfterOrEqualTo(appliedAt);

    applied();
    assertHas(server.json("/api/config"), "{warnings: [], rejectedAt: null}");
  }

  @Test
  void the_process_has_its_own_limits_and_those_of_the_streams() {
    Await.until(
        "connections of other tests are closed",
        () -> server.json("/api/process").at("/limits/3/used").asInt() == 1);
    assertHas(
        server.json("/api/process"),
        """
        {limits: [{name: "client connections", used: 6, max: 20000},
                  {name: "overview streams", used: 0, max: 64},
                  {name: "event streams", used: 0, max: 32},
                  {name: "management connections", used: 1, max: 256}],
         eventLoops: {longestLagMillis: 0.5}, history: {writable: false, lost: 3}}
        """);
  }

  /** Two replicas, of which the other one's votes do not count. */
  private static AgreementStatus status(@Nullable String why, @Nullable String local) {
    Instant now = Instant.now();
    return new AgreementStatus(
        "Kubernetes API at https://10.96.0.1:443, namespace shop",
        "proxy-1",
        why == null,
        SINCE,
        why,
        List.of(
            new AgreementStatus.Voter("proxy-1", "i1", true, true, false, true, now, Map.of()),
            new AgreementStatus.Voter(
                "proxy-2",
                "i2",
                false,
                true,
                true,
                false,
                now.minus(Duration.ofMillis(7_000)),
                Map.of(FakeMonitor.SENSE, Map.of("sen2@1f0c5d7a90be", "REFUSED no listener")))),
        List.of(
            new AgreementStatus.Role(
                FakeMonitor.SENSE,
                "sen1",
                4,
                "CONNECTION_FAILED",
                "sen2: refused; 2 of 2 replicas: proxy-1, proxy-2",
                "proxy-2",
                SINCE,
                why == null,
                local)),
        3,
        1);
  }

  @Test
  void all_replicas_show_each_vote_and_the_decision_and_one_out_of_touch_whom_it_chose_alone() {
    server.agree("kubernetes", status(null, null));

    JsonNode document = server.json("/api/agreement");
    assertHas(
        document,
        """
        {mode: "kubernetes", store: "Kubernetes API at https://10.96.0.1:443, namespace shop",
         replica: "proxy-1", since: "2026-01-01T12:00:00Z", why: null, conflicts: 3, skewed: 1,
         voters: [{}, {replica: "proxy-2", counted: false, synced: true, ready: false,
           votes: {sense: {"sen2@1f0c5d7a90be": "REFUSED no listener"}}}],
         pools: [{pool: "sense", holder: "sen1", epoch: 4, reason: "CONNECTION_FAILED",
           evidence: "sen2: refused; 2 of 2 replicas: proxy-1, proxy-2", decidedBy: "proxy-2",
           trusted: true, local: null}]}
        """);
    assertThat(document.at("/voters/1/ageSeconds").asDouble()).isGreaterThanOrEqualTo(7);
    assertHas(server.json("/api/pools"), "{replica: \"proxy-1\"}");

    server.agree("etcd", status("request timed out", "sen2"));

    assertHas(
        server.json("/api/agreement"),
        """
        {inTouch: false, why: "request timed out", pools: [{trusted: false, local: "sen2"}]}
        """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/events",
        "/api/events?format=text",
        "/api/timelines",
        "/api/pools/sense/timeline",
        "/api/routes"
      })
  void large_documents_are_not_made_on_event_loops(String path) {
    assertThat(server.get(path).statusCode()).isEqualTo(200);
    assertThat(server.history.threads)
        .isNotEmpty()
        .allSatisfy(name -> assertThat(name).startsWith("understudy-documents"));
  }
}
