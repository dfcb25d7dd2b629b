package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.deploy.Manifests;
import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Load;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.scenario.TunnelClients;
import dev.understudy.testing.Await;
import dev.understudy.testing.PemAuthority;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Every query of the dashboard and of the alerts, run by a real Prometheus over what the built jar
 * told it during requests, a failover and a failback.
 */
class QueriesIT {
  /** Panels that show something only while servers respond with 5xx, or replicas differ. */
  private static final List<String> EMPTY_WHILE_ALL_IS_WELL =
      List.of(
          "topk(10, sum by (pool) (rate(understudy_requests_seconds_count{status=\"5xx\"}"
              + "[$__rate_interval])) > 0)",
          "understudy_agreement_config_skew > 0");

  /** Series of databases alone, of which this scene has none; MonitoringTest knows their names. */
  private static final Pattern OF_DATABASES =
      Pattern.compile("understudy_server_(lag_(bytes|seconds|transactions)|too_far_behind)\\b");

  private static final String TOKEN = "a-token-of-the-queries";

  private static final Pattern COMPARISON = Pattern.compile(" (==|!=|>|<|>=|<=) (?!bool)");
  private static final Pattern EXCEPTION = Pattern.compile(" unless on \\([^)]*\\) ");

  @TempDir private static Path folder;
  private static EtcdServer etcd;
  private static ServerProcess master;
  private static ServerProcess backup;
  private static ProxyProcess proxy;
  private static PrometheusServer prometheus;
  private static int relayed;

  @BeforeAll
  static void let_something_happen() throws Exception {
    etcd = EtcdServer.start(folder, "--unsafe-no-fsync");
    master = ServerProcess.start("a", folder);
    backup = ServerProcess.start("b", folder);
    relayed = Ports.free();
    proxy =
        ProxyProcess.start(
            folder,
            config(),
            "--understudy.agreement.mode=etcd",
            "--understudy.agreement.etcd.urls=" + etcd.url(),
            "--understudy.state-file=" + folder.resolve("state.json"),
            // Nobody listens there: notifications wait, which counts.
            "--understudy.admin.token=" + TOKEN,
            "--understudy.notifications[0].name=ops",
            "--understudy.notifications[0].url=http://127.0.0.1:9/",
            "--understudy.tracing=on",
            // Nobody listens there: spans fail, which counts too.
            "--management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:9/v1/traces",
            "--management.tracing.sampling.probability=1");
    prometheus = PrometheusServer.start(folder, proxy.managementPort());
    try (TunnelClients tunnels = TunnelClients.open(proxy.port(), 3);
        Load load =
            Load.start(proxy.port(), Duration.ofMillis(20), new AtomicInteger(), "Host: test")) {
      load.awaitAnswersOf("a", 50);
      assertThat(HttpConnection.once(proxy.port(), "GET", "/broken").status()).isEqualTo(503);
      assertThat(HttpConnection.once(relayed, "GET", "/").status()).isEqualTo(200);
      // A series counts from its second sample on.
      awaitScrapes("understudy_requests_seconds_count{server=\"a\"}", 3);
      planSwitch();
      awaitScrapes("understudy_hook_seconds_count", 3);
      awaitScrapes("understudy_switch_pause_seconds_count", 3);
      master.kill();
      load.awaitAnswersOf("b", 20);
      master.restore();
      load.awaitAnswersOf("a", 20);
      awaitScrapes("understudy_requests_seconds_count{server=\"b\"}", 3);
      awaitScrapes("understudy_requests_seconds_count{status=\"5xx\"}", 3);
      awaitScrapes("understudy_retries_total", 3);
      awaitScrapes("understudy_connections_total", 3);
      awaitScrapes("understudy_certificate_expiry_timestamp_seconds", 3);
      assertThat(tunnels.clients()).hasSize(3);
    }
  }

  private static Path config() throws Exception {
    PemAuthority authority = new PemAuthority("CN=authority");
    PemAuthority.write(folder.resolve("authority.pem"), authority.pem());
    PemAuthority.write(folder.resolve("revoked.pem"), PemAuthority.pem(authority.revoking()));
    PemAuthority.write(
        folder.resolve("site.pem"), authority.issue("CN=site", "EC", "site.test").pem());
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        listeners:
          relayed: { port: %d, pool: relayed }
          secure:
            port: 0
            tls:
              certificates: [site.pem]
              client-auth: optional
              client-ca: authority.pem
              crl: revoked.pem
        pools:
          app:
            servers:
              a: { url: "%s", role: master }
              b: { url: "%s", role: backup, max-requests: 500 }
            health: { interval: 500ms, fast-interval: 100ms, down-interval: 200ms, rise: 1 }
            sticky: { cookie: UNDERSTUDY }
          reports:
            mode: balance
            servers:
              a: { url: "%s" }
              b: { url: "%s" }
          relayed:
            servers:
              a: { url: "tcp://127.0.0.1:%d", role: master }
              b: { url: "tcp://127.0.0.1:%d", role: backup }
          moved:
            servers:
              a: { url: "%s", role: master }
              b: { url: "%s", role: backup }
            hooks: { promote: { url: "%s/promote" } }
          cache:
            servers: { a: { url: "tcp://127.0.0.1:%d" } }
            health: { type: redis, role: primary }
        routes:
          - { id: broken, uri: "pool://app", predicates: ["Path=/broken"], filters: ["Deny=503"] }
          - { id: reports, uri: "pool://reports", predicates: ["Path=/reports"] }
          - { id: moved, uri: "pool://moved", predicates: ["Path=/moved"] }
          - { id: all, uri: "pool://app", predicates: ["Path=/**"] }
        """
            .formatted(
                relayed,
                master.url(),
                backup.url(),
                master.url(),
                backup.url(),
                master.port(),
                backup.port(),
                master.url(),
                backup.url(),
                backup.url(),
                backup.port()));
  }

  /** A planned switch with a hook, which holds clients for a moment. */
  private static void planSwitch() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:" + proxy.managementPort() + "/api/pools/moved/switch"))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"to\":\"b\",\"planned\":true}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    }
  }

  private static void awaitScrapes(String series, int samples) {
    Await.until(
        "Prometheus has " + samples + " samples of " + series,
        () ->
            !prometheus.query("max(count_over_time(" + series + "[5m])) >= " + samples).isEmpty());
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {prometheus, proxy, backup, master, etcd}) {
      if (each != null) {
        each.close();
      }
    }
  }

  /** As Grafana fills in its variables. */
  private static String filledIn(String expression) {
    return expression.replace("$pool", ".*").replace("$__rate_interval", "5m");
  }

  private static List<String> panels() {
    List<String> expressions = new ArrayList<>();
    Manifests.json("monitoring/grafana-dashboard.json")
        .path("panels")
        .forEach(
            panel ->
                panel
                    .path("targets")
                    .forEach(target -> expressions.add(target.path("expr").asString())));
    return expressions;
  }

  @Test
  void every_panel_of_the_dashboard_shows_something() throws Exception {
    assertThat(panels()).hasSizeGreaterThan(20);
    // After a scrape that took too long Prometheus knows nothing until the next.
    Await.until("all panels show something", () -> empty().equals(EMPTY_WHILE_ALL_IS_WELL));
  }

  private static List<String> empty() throws Exception {
    List<String> empty = new ArrayList<>();
    for (String expression : panels()) {
      if (!OF_DATABASES.matcher(expression).find()
          && prometheus.query(filledIn(expression)).isEmpty()) {
        empty.add(expression);
      }
    }
    return empty;
  }

  @Test
  void the_dashboards_variable_lists_the_pools() throws Exception {
    Matcher definition =
        Pattern.compile("label_values\\((\\w+), (\\w+)\\)")
            .matcher(
                Manifests.json("monitoring/grafana-dashboard.json")
                    .path("templating")
                    .findValuesAsString("definition")
                    .getFirst());
    assertThat(definition.matches()).isTrue();
    assertThat(Manifests.texts(prometheus.labelValues(definition.group(1), definition.group(2))))
        .containsExactly("app", "cache", "moved", "relayed", "reports");
  }

  @Test
  void every_alert_is_evaluated_without_an_error() {
    Await.until(
        "every rule was evaluated",
        () ->
            prometheus.rules().findValuesAsString("health").stream()
                .noneMatch(health -> health.equals("unknown")));
    assertThat(rules())
        .isNotEmpty()
        .allSatisfy(
            rule -> {
              assertThat(rule.path("health").asString()).as(rule.toString()).isEqualTo("ok");
              assertThat(rule.has("lastError")).isFalse();
            });
  }

  private static JsonNode rules() {
    try {
      return prometheus.rules();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * With "bool" a comparison keeps what it would drop: the alert compares something, and so does
   * each exception from it.
   */
  @Test
  void every_alert_speaks_of_series_that_there_are() throws Exception {
    for (JsonNode rule :
        Manifests.documents("monitoring/understudy.rules.yaml").get(0).at("/groups/0/rules")) {
      String expression = rule.path("expr").asString();
      if (OF_DATABASES.matcher(expression).find()) {
        continue;
      }
      String compared =
          expression.startsWith("absent(")
              ? expression.substring("absent(".length(), expression.length() - 1)
              : COMPARISON.matcher(expression).replaceAll(" $1 bool ");
      assertThat(compared).isNotEqualTo(expression);
      for (String part : EXCEPTION.split(compared)) {
        Await.until(part, () -> !prometheus.query(part).isEmpty());
      }
    }
  }
}
