package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.Monitor;
import dev.understudy.monitor.PoolState;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeNameServer;
import dev.understudy.testing.ScriptedServer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TCP connections are relayed to servers that SRV records name. */
class ServiceRecordsRelayTest {
  private static final String RECORDS = "_pg._tcp.db.example";
  private static final PoolId POOL = new PoolId("db");

  @TempDir private Path folder;

  @Test
  void connections_follow_the_records() throws Exception {
    try (ScriptedServer one = greeting("one");
        ScriptedServer two = greeting("two");
        FakeNameServer names = new FakeNameServer()) {
      names.answer("host.example", 0, InetAddress.getLoopbackAddress());
      names.services(RECORDS, new FakeNameServer.Service(1, one.port(), "host.example"));
      try (TestProxy proxy = start(names.address().getPort())) {
        await(proxy, one.port());
        assertThat(greeted(proxy)).isEqualTo("one");
        names.services(RECORDS, new FakeNameServer.Service(1, two.port(), "host.example"));
        await(proxy, two.port());
        assertThat(greeted(proxy)).isEqualTo("two");
      }
    }
  }

  private static ScriptedServer greeting(String text) {
    return new ScriptedServer(connection -> connection.send(text));
  }

  private TestProxy start(int nameServer) {
    return new TestProxy(
        folder,
        """
        dns: { servers: ["127.0.0.1:%d"], hold: 0s }
        pools:
          db:
            mode: balance
            servers: { pg: { url: "tcp+srv://%s", count: 3 } }
            health: { interval: 50ms }
        listeners:
          db: { port: 0, address: 127.0.0.1, pool: db }
        """
            .formatted(nameServer, RECORDS));
  }

  /** Only the server at that port is there, and it is usable. */
  private static void await(TestProxy proxy, int port) {
    Await.until(
        "the server at port " + port,
        () -> {
          PoolState pool = proxy.bean(Monitor.class).current().pool(POOL);
          return pool != null
              && pool.servers().size() == 1
              && pool.servers().get(0).server().address().port() == port
              && pool.servers().get(0).usable();
        });
  }

  private static String greeted(TestProxy proxy) throws Exception {
    int port = proxy.bean(DynamicListeners.class).port("db").orElseThrow();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      return new String(socket.getInputStream().readNBytes(3), StandardCharsets.UTF_8);
    }
  }
}
