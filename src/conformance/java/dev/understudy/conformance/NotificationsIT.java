package dev.understudy.conformance;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.Processes;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Three replicas of the built jar that agree by etcd notify a real Alertmanager, and a receiver
 * that decodes with the SDK of CloudEvents.
 */
class NotificationsIT {
  private static final String TOKEN = "a-token-for-tests-only";

  @RegisterExtension
  static final WireMockExtension BUS =
      WireMockExtension.newInstance()
          .options(options().dynamicPort())
          .configureStaticDsl(false)
          .resetOnEachTest(false)
          .build();

  @TempDir private static Path folder;
  private static final List<AutoCloseable> STARTED = new ArrayList<>();
  private static final List<ProxyProcess> REPLICAS = new ArrayList<>();
  private static AlertmanagerServer alertmanager;
  private static ServerProcess master;
  private static ServerProcess backup;

  @BeforeAll
  static void start() throws Exception {
    BUS.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(202)));
    EtcdServer etcd = starting(EtcdServer.start(folder, "--unsafe-no-fsync"));
    alertmanager = starting(AlertmanagerServer.start(folder));
    master = starting(ServerProcess.start("a", folder));
    backup = starting(ServerProcess.start("b", folder));
    Path config =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              app:
                servers:
                  a: { url: "%s", role: master }
                  b: { url: "%s", role: backup }
                health: { interval: 500ms, fast-interval: 100ms, down-interval: 200ms, rise: 1 }
                failback: { policy: manual }
            routes:
              - { id: all, uri: "pool://app", predicates: ["Path=/**"] }
            """
                .formatted(master.url(), backup.url()));
    Path settings =
        Files.writeString(
            folder.resolve("static.yaml"),
            """
            understudy:
              agreement: { mode: etcd, name: plant, etcd: { urls: [ "%s" ] } }
              admin: { token: "%s", url: "https://ops.example:9090" }
              notifications:
                - { name: bus, url: "%s" }
                - { name: pager, url: "%s", format: alertmanager }
            """
                .formatted(etcd.url(), TOKEN, BUS.url("/events"), alertmanager.url()));
    for (String name : List.of("r1", "r2", "r3")) {
      REPLICAS.add(
          starting(
              ProxyProcess.start(
                  Files.createDirectories(folder.resolve(name)),
                  config,
                  "-Xmx128m",
                  "--spring.config.additional-location=file:" + settings,
                  "--understudy.agreement.replica=" + name)));
    }
    Await.until("all agree", () -> REPLICAS.stream().allMatch(each -> pool(each).contains("a")));
  }

  private static <T extends AutoCloseable> T starting(T part) {
    STARTED.add(part);
    return part;
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable each : STARTED.reversed()) {
      each.close();
    }
  }

  private static String pool(ProxyProcess replica) {
    return replica
        .manage("/api/pools/app")
        .replaceFirst("(?s).*\"serving\" ?: ?(\"\\w+\"|null).*", "$1");
  }

  private static List<CloudEvent> received(String type) {
    return BUS.findAll(postRequestedFor(anyUrl())).stream()
        .map(request -> new JsonFormat().deserialize(request.getBody()))
        .filter(event -> event.getType().equals("dev.understudy." + type))
        .toList();
  }

  private static void awaitAlerts(String name, int number) {
    Await.until(name + " is on", () -> alertmanager.alerts(name).size() == number);
  }

  /** Whether each replica has sent, or left to another, all that it knows. */
  private static boolean isSettled() {
    return REPLICAS.stream()
        .allMatch(
            each -> !each.manage("/api/notifications").matches("(?s).*\"waiting\" ?: ?[1-9].*"));
  }

  @Test
  void alerts_and_events_of_a_failover_arrive_once_and_end() throws Exception {
    master.kill();
    awaitAlerts("UnderstudySwitched", 1);

    JsonNode alert = alertmanager.alerts("UnderstudySwitched").getFirst();
    assertThat(alert.path("labels"))
        .hasToString(
            "{\"alertname\":\"UnderstudySwitched\",\"installation\":\"plant\",\"pool\":\"app\","
                + "\"severity\":\"warning\"}");
    assertThat(alert.at("/annotations/summary").asString())
        .contains("server b serves instead of server a");
    assertThat(alert.at("/annotations/epoch").asString()).isEqualTo("2");
    assertThat(alert.path("generatorURL").asString())
        .isEqualTo("https://ops.example:9090/#/pools/app");

    backup.kill();
    awaitAlerts("UnderstudyNobodyServes", 1);
    assertThat(alertmanager.alerts("UnderstudyNobodyServes").getFirst().at("/labels/severity"))
        .hasToString("\"critical\"");
    backup.restore();
    awaitAlerts("UnderstudyNobodyServes", 0);

    Await.until("all is sent", NotificationsIT::isSettled);
    assertThat(received("switched").stream().map(CloudEvent::getId).collect(Collectors.toList()))
        .as("each once of three replicas")
        .containsExactly("app-switched-2-b", "app-switched-4-b");
    assertThat(received("switched").getFirst())
        .returns("app", CloudEvent::getSubject)
        .returns("/understudy/plant", event -> event.getSource().toString());
    assertThat(received("nobody-serves")).hasSize(1);
  }

  @Test
  void a_replica_that_ceases_is_told_of_once_by_the_others() throws Exception {
    ProxyProcess gone = REPLICAS.removeLast();
    gone.close();

    awaitAlerts("UnderstudyOutOfTouch", 1);
    assertThat(alertmanager.alerts("UnderstudyOutOfTouch").getFirst().at("/labels/replica"))
        .hasToString("\"r3\"");
    Await.until("all is sent", NotificationsIT::isSettled);
    assertThat(received("out-of-touch")).hasSize(1);
  }

  @Test
  void a_receiver_is_tested_from_the_command_line() throws Exception {
    assertThat(command("notify", "bus", "--test"))
        .startsWith("bus: delivered in ")
        .endsWith(" ms: status 202\n0");
    assertThat(received("test")).hasSize(1);
    assertThat(command("notify", "none", "--test"))
        .contains("There is no receiver of notifications named 'none'.")
        .endsWith("\n1");
    assertThat(command("notify").lines())
        .anyMatch(line -> line.matches("bus +cloudevents +[0-9]+ .*"))
        .anyMatch(line -> line.matches("pager +alertmanager +[0-9]+ .*"));
  }

  /** The output of a command, and on a line of its own its exit status. */
  private static String command(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Processes.archived(List.of("-Xmx64m")));
    command.addAll(List.of(arguments));
    command.add("--server=http://127.0.0.1:" + REPLICAS.getFirst().managementPort());
    command.add("--token-file=" + Files.writeString(folder.resolve("token"), TOKEN));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    return out + process.waitFor();
  }
}
