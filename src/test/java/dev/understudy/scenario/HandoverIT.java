package dev.understudy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.scenario.UpgradeTraffic.Account;
import dev.understudy.scenario.UpgradeTraffic.Size;
import dev.understudy.scenario.UpgradedProxy.Running;
import dev.understudy.scenario.UpgradedProxy.Upgrade;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A next process takes over from the running one, or fails to. */
@Tag(Extent.SLOW)
class HandoverIT {
  private static final String TOKEN = "correct-horse-battery";

  @TempDir private Path folder;
  @AutoClose private ServerProcess master;
  @AutoClose private ServerProcess backup;
  private Path config;
  private int tcpPort;

  @BeforeEach
  void start() throws Exception {
    master = ServerProcess.start("sen2", folder);
    backup = ServerProcess.start("sen1", folder);
    tcpPort = Ports.free();
    config = Files.writeString(folder.resolve("gateway.yaml"), text());
  }

  @Test
  void clients_of_all_kinds_lose_nothing() throws Exception {
    try (UpgradedProxy proxy = proxy("5s", "--understudy.handover.warm-up=10s");
        UpgradeTraffic traffic =
            UpgradeTraffic.start(
                proxy.proxy().port(), tcpPort, new Size(200, 20, 10, 200_000_000L))) {
      for (int i = 0; i < 2; i++) {
        assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      }
      Account account = traffic.finish();
      System.out.printf(
          "2 upgrades: %d requests, %d messages over relayed TCP, %d WebSockets told, worst %.0f"
              + " ms%n",
          account.requests(), account.exchanged(), account.told(), account.worst());
      assertThat(account.lost()).isEmpty();
      List<String> orders = master.executed();
      assertThat(orders).doesNotHaveDuplicates();
      Await.until(
          "the process before has ended",
          () -> proxy.processes().stream().filter(ProcessHandle::isAlive).count() == 1);
      assertThat(proxy.newest().isAlive()).isTrue();
    }
  }

  @Test
  void decisions_go_on_without_a_state_file_and_the_management_port_too() throws Exception {
    try (UpgradedProxy proxy = proxy();
        HttpConnection events = new HttpConnection(proxy.proxy().managementPort())) {
      events.write("GET /api/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
      master.kill();
      awaitServing(proxy, "sen1");
      master.restore();
      Await.until("the master is UP", () -> !pool(proxy).contains("DOWN"));
      String before = epoch(proxy);
      Running upgrade = proxy.begin();
      while (!upgrade.isOver()) {
        // On a connection of its own, which either process could accept.
        assertThat(
                HttpConnection.once(
                    proxy.proxy().managementPort(), "GET", "/actuator/health/readiness"))
            .returns(200, HttpConnection.Answer::status);
      }
      assertThat(upgrade.end()).returns(0, Upgrade::status);
      assertThat(events.answer("GET").body()).as("to its end").contains("event:switched");
      awaitServing(proxy, "sen1");
      assertThat(epoch(proxy)).isEqualTo(before);
      // The next one decides.
      backup.kill();
      awaitServing(proxy, "sen2");
    }
  }

  /** That one relays a connection, and a response that its client reads late. */
  @Test
  void a_planned_switch_waits_for_what_the_process_before_still_relays() throws Exception {
    try (UpgradedProxy proxy = proxy();
        HttpConnection relayed = new HttpConnection(tcpPort);
        HttpConnection running = new HttpConnection(proxy.proxy().port())) {
      assertThat(relayed.send("GET", "/whoami", "").body()).isEqualTo("sen2");
      running.write("GET /big?bytes=50000000 HTTP/1.1\r\nHost: test\r\n\r\n");
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      planSwitch(proxy, "sense", "60s");
      for (int i = 0; i < 50; i++) {
        assertThat(planned(proxy, "sense")).contains("\"active\" : true");
      }
      assertThat(running.answer("GET").body()).hasSize(50_000_000);
      awaitMoved(proxy, "sense");
      assertThat(answer(proxy)).isEqualTo("sen1");

      planSwitch(proxy, "tcp", "2s");
      awaitMoved(proxy, "tcp");
      assertThatThrownBy(() -> relayed.send("GET", "/whoami", "")).isInstanceOf(IOException.class);
      Await.until(
          "the process before has ended",
          () -> proxy.processes().stream().filter(ProcessHandle::isAlive).count() == 1);
    }
  }

  @Test
  void a_hook_that_the_process_before_still_runs_is_not_called_beside_itself() throws Exception {
    try (ServerSocket hook = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      String called =
          "    hooks: { promote: { url: \"http://127.0.0.1:%d/\", timeout: 5m } }\n"
              .formatted(hook.getLocalPort());
      Files.writeString(config, text().replaceFirst("    hold: .*\n", "$0" + called));
      try (UpgradedProxy proxy = proxy()) {
        master.kill();
        awaitServing(proxy, "sen1");
        try (Socket first = hook.accept()) {
          assertThat(proxy.upgrade()).returns(0, Upgrade::status);
          hook.setSoTimeout(2_000);
          assertThatThrownBy(hook::accept).isInstanceOf(SocketTimeoutException.class);
          first.getOutputStream().write("HTTP/1.1 503 No\r\n\r\n".getBytes(UTF_8));
        }
        hook.setSoTimeout(30_000);
        try (Socket next = hook.accept()) {
          next.getOutputStream().write("HTTP/1.1 204 Yes\r\n\r\n".getBytes(UTF_8));
        }
        Await.until(
            "none is owed",
            () ->
                proxy
                    .proxy()
                    .manage("/actuator/prometheus")
                    .contains("understudy_hooks_owed{pool=\"sense\"} 0.0"));
      }
    }
  }

  @Test
  void a_switch_that_is_scheduled_neither_keeps_from_an_upgrade_nor_is_lost_in_it()
      throws Exception {
    try (UpgradedProxy proxy = proxy()) {
      Instant later = Instant.now().plus(Duration.ofDays(20));
      planSwitch(proxy, "sense", "2s\",\"at\":\"" + later);
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      assertThat(planned(proxy, "sense")).contains("\"phase\" : \"SCHEDULED\",");
      assertThat(answer(proxy)).isEqualTo("sen2");
    }
  }

  private static void planSwitch(UpgradedProxy proxy, String pool, String pause)
      throws IOException {
    try (HttpConnection management = new HttpConnection(proxy.proxy().managementPort())) {
      HttpConnection.Answer begun =
          management.send(
              "POST",
              "/api/pools/" + pool + "/switch",
              "{\"to\":\"sen1\",\"planned\":true,\"pause\":\"" + pause + "\"}",
              "Content-Type: application/json",
              "Authorization: Bearer " + TOKEN);
      assertThat(begun.status()).as(begun.body()).isEqualTo(202);
    }
  }

  private static String planned(UpgradedProxy proxy, String pool) {
    return proxy.proxy().manage("/api/pools/" + pool + "/switch");
  }

  private static void awaitMoved(UpgradedProxy proxy, String pool) {
    Await.until(
        "the role has moved", () -> planned(proxy, pool).contains("\"phase\" : \"MOVED\","));
  }

  @Test
  void a_next_process_that_cannot_start_changes_nothing() throws Exception {
    try (UpgradedProxy proxy = proxy()) {
      Files.writeString(config, "pools: 3");
      Upgrade failed = proxy.upgrade();
      assertThat(failed.status()).isEqualTo(1);
      assertThat(failed.printed()).contains("has not taken over: it ended");
      assertThat(answer(proxy)).isEqualTo("sen2");
      Files.writeString(config, text());
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      assertThat(answer(proxy)).isEqualTo("sen2");
    }
  }

  @Test
  void a_next_process_that_is_killed_changes_nothing() throws Exception {
    try (UpgradedProxy proxy = proxy();
        Load load = Load.start(proxy.proxy().port())) {
      Running upgrade = proxy.begin();
      upgrade.await("has the sockets");
      proxy.newest().destroyForcibly();
      assertThat(upgrade.end()).returns(1, Upgrade::status);
      load.awaitAnswersOf("sen2", 50);
      master.kill();
      load.awaitAnswersOf("sen1", 50);
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      load.awaitAnswersOf("sen1", 50);
    }
  }

  @Test
  void a_process_that_is_killed_while_it_hands_over_is_replaced() throws Exception {
    try (UpgradedProxy proxy = proxy()) {
      Running upgrade = proxy.begin();
      upgrade.await("has the sockets");
      proxy.processes().getFirst().destroyForcibly();
      assertThat(upgrade.end()).returns(1, Upgrade::status);
      Await.until("the next one serves", () -> answer(proxy).equals("sen2"));
      Await.until("and can be upgraded", () -> proxy.upgrade().status() == 0);
    }
  }

  @Test
  void one_upgrade_at_a_time() throws Exception {
    try (UpgradedProxy proxy = proxy()) {
      Running first = proxy.begin();
      first.await("was started");
      Processes.signal(proxy.newest(), "STOP");
      Upgrade second = proxy.upgrade();
      Processes.signal(proxy.newest(), "CONT");
      assertThat(second.status()).isEqualTo(1);
      assertThat(second.printed()).contains("another upgrade is under way");
      assertThat(first.end()).returns(0, Upgrade::status);
    }
  }

  /** The process before has the port at the other address until the next one accepts. */
  @Test
  void the_address_of_a_port_may_change() throws Exception {
    try (UpgradedProxy proxy = proxy();
        Load load =
            Load.onNewConnections(
                proxy.proxy().port(), Duration.ofMillis(20), new AtomicInteger())) {
      for (String address : List.of("0.0.0.0", "127.0.0.1")) {
        Files.writeString(folder.resolve("application.yaml"), "test.address: " + address);
        assertThat(proxy.upgrade()).returns(0, Upgrade::status);
        load.awaitAnswersOf("sen2", 50);
        Await.until(
            "it listens at " + address + " alone",
            () -> isOpen("127.0.0.2", proxy.proxy().port()) == address.equals("0.0.0.0"));
      }
      assertThat(load.finish()).allMatch(Load.Sample::ok);
    }
  }

  private static boolean isOpen(String address, int port) {
    try (Socket client = new Socket(address, port)) {
      return client.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Neither process takes the other's new port from it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_listener_that_is_added_meanwhile_opens_once_the_handover_has_ended(boolean takesOver)
      throws Exception {
    int added = Ports.free();
    try (UpgradedProxy proxy = proxy()) {
      // Until the next process has judged it, that one does not take over.
      master.freeze();
      Running upgrade = proxy.begin();
      Await.until("the next one has read the file", () -> linesOfTheFile(proxy) == 4);
      Files.writeString(
          config,
          text()
              .replace(
                  "routes:",
                  "  added: { address: 127.0.0.1, port: %d }\nroutes:".formatted(added)));
      Await.until("both have read it again", () -> linesOfTheFile(proxy) >= 6);
      if (takesOver) {
        master.thaw();
      } else {
        proxy.newest().destroyForcibly();
      }
      assertThat(upgrade.end()).returns(takesOver ? 0 : 1, Upgrade::status);
      master.thaw();
      Await.until("the listener is open", () -> whoAnswers(added).equals("sen2"));
      assertThat(proxy.proxy().log()).doesNotContain("refused");
    }
  }

  private static long linesOfTheFile(UpgradedProxy proxy) throws IOException {
    return proxy.proxy().log().lines().filter(line -> line.contains("gateway.yaml")).count();
  }

  @Test
  void a_stop_during_an_upgrade_stops_both_processes() throws Exception {
    try (UpgradedProxy proxy = proxy()) {
      Running upgrade = proxy.begin();
      upgrade.await("has the sockets");
      ProcessHandle next = proxy.newest();
      proxy.proxy().terminate();
      Upgrade ended = upgrade.end();
      assertThat(ended).returns(1, Upgrade::status);
      assertThat(ended.printed()).contains("has not taken over: this process was asked to stop");
      Await.until("both have ended", () -> proxy.alive().isEmpty() && !next.isAlive());
    }
  }

  /** As systemd stops them: it kills what is left once the process that leads has ended. */
  @Test
  void a_stop_lets_the_process_before_finish() throws Exception {
    try (UpgradedProxy proxy = proxy("10s");
        HttpConnection relayed = new HttpConnection(tcpPort);
        HttpConnection running = new HttpConnection(proxy.proxy().port())) {
      assertThat(relayed.send("GET", "/whoami", "").body()).isEqualTo("sen2");
      running.write("GET /big?bytes=50000000 HTTP/1.1\r\nHost: test\r\n\r\n");
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      ProcessHandle before = proxy.processes().getFirst();
      CompletableFuture<Boolean> killed =
          proxy.newest().onExit().thenApply(ended -> before.isAlive() && before.destroyForcibly());
      proxy.newest().destroy();
      Await.until(
          "both stop",
          () ->
              killed.isDone()
                  || proxy
                      .proxy()
                      .log()
                      .contains("Stopping, together with the process that has taken over"));
      assertThat(running.answer("GET").body()).hasSize(50_000_000);
      assertThat(killed.join()).isFalse();
    }
  }

  private UpgradedProxy proxy() throws Exception {
    return proxy("5s");
  }

  private UpgradedProxy proxy(String drain) throws Exception {
    return proxy(drain, UpgradedProxy.AT_ONCE);
  }

  private UpgradedProxy proxy(String drain, String warmUp) throws Exception {
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    return UpgradedProxy.start(
        folder,
        config,
        warmUp,
        "--spring.lifecycle.timeout-per-shutdown-phase=" + drain,
        "--understudy.admin.token-file=" + token);
  }

  private String text() {
    return """
    pools:
      sense:
        servers:
          sen2: { url: "%1$s", role: master }
          sen1: { url: "%2$s", role: backup }
        failback: { policy: manual }
        hold: { time: 60s }
        on-switch: { drain: 10m }
        health: { expect: { body: "version" }, interval: 200ms, fast-interval: 50ms, timeout: 20s }
      tcp:
        servers:
          sen2: { url: "tcp://127.0.0.1:%3$d", role: master }
          sen1: { url: "tcp://127.0.0.1:%5$d", role: backup }
        health: { type: tcp, timeout: 20s }
    listeners:
      raw: { address: 127.0.0.1, port: %4$d, pool: tcp }
    routes:
      - { id: sense, uri: "pool://sense", predicates: ["Path=/**"] }
    """
        .formatted(master.url(), backup.url(), master.port(), tcpPort, backup.port());
  }

  private static String answer(UpgradedProxy proxy) {
    return whoAnswers(proxy.proxy().port());
  }

  private static String whoAnswers(int port) {
    try {
      return HttpConnection.once(port, "GET", "/whoami", "Connection: close").body();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void awaitServing(UpgradedProxy proxy, String server) {
    Await.until(server + " serves", () -> answer(proxy).equals(server));
  }

  private static String pool(UpgradedProxy proxy) {
    return proxy.proxy().manage("/api/pools/sense");
  }

  private static String epoch(UpgradedProxy proxy) {
    String text = pool(proxy);
    int at = text.indexOf("\"epoch\"");
    return text.substring(at, text.indexOf(',', at));
  }
}
