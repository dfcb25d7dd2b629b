package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.scenario.UpgradeTraffic;
import dev.understudy.scenario.UpgradeTraffic.Account;
import dev.understudy.scenario.UpgradeTraffic.Size;
import dev.understudy.scenario.UpgradedProxy;
import dev.understudy.scenario.UpgradedProxy.Upgrade;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Upgrades in a row under load, as many as the property {@code understudy.upgrades} says (default
 * 6), beside HAProxy that is reloaded as often. A busy machine does not make the only server DOWN:
 * that is another test's matter.
 */
@Tag("timed")
class UpgradeIT {
  private static final int UPGRADES = Integer.getInteger("understudy.upgrades", 6);
  private static final Size LOAD = new Size(500, 200, 50, 1_000_000_000L);

  @TempDir private Path folder;
  private ServerProcess server;

  @BeforeEach
  void start() throws IOException {
    server = ServerProcess.start("master", folder);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  void understudy_refuses_cuts_and_loses_nothing() throws Exception {
    int tcpPort = Ports.free();
    Path config =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              web:
                servers: { master: { url: "%1$s", role: master } }
                health: { expect: { body: "version" }, timeout: 20s }
              database:
                servers: { master: { url: "tcp://127.0.0.1:%2$d", role: master } }
                health: { type: tcp, timeout: 20s }
            listeners:
              database: { address: 127.0.0.1, port: %3$d, pool: database }
            routes:
              - { id: all, uri: "pool://web", predicates: ["Path=/**"] }
            """
                .formatted(server.url(), server.port(), tcpPort));
    try (UpgradedProxy proxy =
            UpgradedProxy.start(
                folder, config, "--spring.lifecycle.timeout-per-shutdown-phase=10s");
        UpgradeTraffic traffic = UpgradeTraffic.start(proxy.proxy().port(), tcpPort, LOAD)) {
      long begun = System.nanoTime();
      for (int i = 0; i < UPGRADES && traffic.trouble() == null; i++) {
        Upgrade upgrade = proxy.upgrade();
        assertThat(upgrade.status()).as(upgrade.printed()).isZero();
      }
      long took = System.nanoTime() - begun;
      Account account = traffic.finish();
      print("Understudy", account, took);
      assertThat(account.lost()).isEmpty();
      assertThat(server.executed()).doesNotHaveDuplicates();
      Await.until(
          "all processes but the last have ended",
          () -> proxy.processes().stream().filter(ProcessHandle::isAlive).count() == 1);
    }
  }

  /** Its old processes keep WebSockets and relayed connections, and tell nobody. */
  @Test
  @Tag(Extent.SLOW)
  void haproxy_is_reloaded_beside_it() throws Exception {
    int port = Ports.free();
    int tcpPort = Ports.free();
    Path socket = folder.resolve("haproxy.sock");
    Path config =
        Files.writeString(
            folder.resolve("haproxy.cfg"),
            """
            global
              maxconn 4000
              stats socket %1$s level admin expose-fd listeners
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              timeout tunnel 1h
              option idle-close-on-response
            frontend in
              bind 127.0.0.1:%2$d
              default_backend web
            backend web
              option httpchk GET /status
              http-check expect string version
              server master 127.0.0.1:%4$d check
            listen database
              mode tcp
              bind 127.0.0.1:%3$d
              server master 127.0.0.1:%4$d
            """
                .formatted(socket, port, tcpPort, server.port()));
    List<Process> processes = new ArrayList<>();
    try {
      processes.add(haproxy(config));
      Await.until("HAProxy listens", () -> Ports.listening(port) && Files.exists(socket));
      try (UpgradeTraffic traffic = UpgradeTraffic.start(port, tcpPort, LOAD)) {
        long begun = System.nanoTime();
        for (int i = 0; i < UPGRADES; i++) {
          Process before = processes.getLast();
          processes.add(
              haproxy(config, "-x", socket.toString(), "-sf", Long.toString(before.pid())));
          String serves = "Pid: " + processes.getLast().pid();
          Await.until("the next HAProxy serves", () -> info(socket).contains(serves));
        }
        long took = System.nanoTime() - begun;
        Account account = traffic.finish();
        print("HAProxy", account, took);
        assertThat(account.requests()).isPositive();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private Process haproxy(Path config, String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of("haproxy", "-db", "-f", config.toString()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("haproxy.log").toFile()))
        .start();
  }

  private static String info(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap("show info\n".getBytes(StandardCharsets.US_ASCII)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void print(String proxy, Account account, long took) {
    System.out.printf(
        "%s, %d upgrades in %d s: %d requests, %d lost %s, %d messages over relayed connections,"
            + " %d WebSockets told, worst response %.0f ms%n",
        proxy,
        UPGRADES,
        TimeUnit.NANOSECONDS.toSeconds(took),
        account.requests(),
        account.lost().size(),
        account.lost().stream().limit(3).toList(),
        account.exchanged(),
        account.told(),
        account.worst());
  }
}
