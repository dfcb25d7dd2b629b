package dev.understudy.training;

import dev.understudy.demo.DemoServers;
import dev.understudy.warmup.LoopbackTraffic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The surroundings of a proxy that is started to be trained: its files, the servers behind it, and
 * the clients in front of it.
 *
 * <p>One request of each kind meets what a first request loads: both lanes, a POST, a WebSocket,
 * relayed TCP, and TLS over HTTP/2, where the proxy is its own client. Then many show which code is
 * hot.
 */
public final class TrainingSite {
  /** Less than the package's launcher gives the whole run: a busy machine may need minutes. */
  private static final Duration LONGEST_RUN = Duration.ofMinutes(4);

  private static final Duration POLL = Duration.ofMillis(20);

  private static final List<String> MANAGEMENT =
      List.of(
          "/",
          "/api/overview",
          "/api/pools",
          "/status",
          "/api/routes",
          "/api/config",
          "/api/agreement",
          "/api/events",
          "/api/certificates",
          "/api/process",
          "/actuator/prometheus",
          "/actuator/health/liveness");

  /** The first port that may be tried; below those that systems give to outgoing connections. */
  private static final int FIRST_PORT = 10_000;

  private static final int LAST_PORT = 30_000;

  /** After so many of them, all that forwards one is compiled for good. */
  private static final int REQUESTS = 60_000;

  private static final Duration LONGEST_TRAFFIC = Duration.ofMinutes(1);

  private final Path folder;
  private final LoopbackTraffic traffic;
  private final int port;
  private final int managementPort;
  private final int tlsPort;
  private final int tcpPort;

  private TrainingSite(Path folder, LoopbackTraffic traffic) {
    this.folder = folder;
    this.traffic = traffic;
    port = freePort(ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT));
    managementPort = freePort(port + 1);
    tlsPort = freePort(managementPort + 1);
    tcpPort = freePort(tlsPort + 1);
  }

  /** Starts the servers, which end with the process, and writes the files into the folder. */
  public static TrainingSite open(Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    TrainingSite site = new TrainingSite(folder, LoopbackTraffic.open());
    TrainingCertificate.write(folder);
    Files.writeString(folder.resolve("application.yaml"), site.application(LeaseApi.start().url()));
    DemoServers servers = DemoServers.start();
    Files.writeString(
        folder.resolve("gateway.yaml"),
        site.gateway(servers.master().port(), servers.backup().port(), site.traffic.port()));
    return site;
  }

  /** The next port that is free now, from that one on. */
  private static int freePort(int from) {
    for (int port = from; ; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException inUse) {
        if (port > LAST_PORT + 1_000) {
          throw new IllegalStateException("no port is free from " + from + " on", inUse);
        }
      }
    }
  }

  /** The static settings of the proxy, as arguments. */
  public String[] settings() {
    return new String[] {"--spring.config.additional-location=file:" + folder + "/"};
  }

  private String application(String leases) {
    return """
    server: { port: %1$d, address: 127.0.0.1 }
    management.server: { port: %2$d, address: 127.0.0.1 }
    logging: { structured.format.console: ecs, file.name: %3$s/log }
    spring.ssl.bundle.pem.site.truststore.certificate: file:%3$s/site.pem
    understudy:
      config: %3$s/gateway.yaml
      state-file: %3$s/state
      drain: { delay: 0s }
      access-log: json
      agreement:
        mode: kubernetes
        replica: training
        kubernetes: { url: "%4$s", namespace: %5$s }
    """
        .formatted(port, managementPort, folder, leases, LeaseApi.NAMESPACE);
  }

  private String gateway(int master, int backup, int traffic) {
    return """
    listeners:
      tls: { port: %1$d, address: 127.0.0.1, tls: { certificates: [site.pem] } }
      tcp: { port: %2$d, address: 127.0.0.1, pool: tcp }
    pools:
      app:
        servers:
          one: { url: "http://127.0.0.1:%3$d", role: master }
          two: { url: "http://127.0.0.1:%4$d", role: backup }
        health: { path: /status, expect: { status: "200-399", body: version } }
        sticky: { type: cookie }
      tls:
        mode: balance
        servers: { self: { url: "https://localhost:%1$d", role: master } }
        health: { path: /status }
        tls: { bundle: site }
        http2: true
      tcp:
        servers: { one: { url: "tcp://127.0.0.1:%3$d", role: master } }
        health: { type: tcp }
      traffic:
        servers: { one: { url: "http://127.0.0.1:%5$d", role: master } }
        health: { type: tcp }
    routes:
      - { id: gateway, uri: "pool://app", predicates: ["Path=/gateway/**"], filters: ["RewritePath=/gateway/(.*), /$1"] }
      - { id: tls, uri: "pool://tls", predicates: ["Path=/tls/**", "Host=training.localhost"], filters: [StripPrefix=1] }
      - { id: traffic, uri: "pool://traffic", predicates: ["Path=/warm-up/**"] }
      - { id: app, uri: "pool://app", predicates: ["Path=/**"], filters: ["SetRequestHeader=X-Client, {client.address}"] }
    """
        .formatted(tlsPort, tcpPort, master, backup, traffic);
  }

  /**
   * Awaits that the proxy is ready, then makes the requests.
   *
   * @throws IOException if it is not ready within four minutes, or a response is not the expected
   *     one
   */
  public void visit() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (!isReady()) {
      if (System.nanoTime() - begin > LONGEST_RUN.toNanos()) {
        throw new IOException("not ready within " + LONGEST_RUN.toSeconds() + " s");
      }
      Thread.sleep(POLL);
    }
    expect(200, port, get("/status"));
    expect(201, port, post("/orders?id=training"));
    expect(200, port, get("/gateway/status"));
    expect(201, port, post("/gateway/orders?id=training"));
    expect(200, port, get("/tls/status"));
    expect(201, port, post("/tls/orders?id=training"));
    expect(200, tcpPort, get("/status"));
    expect(101, port, webSocket());
    for (String path : MANAGEMENT) {
      expect(200, managementPort, get(path));
    }
    sendMany();
  }

  /** Forwards so many requests that the cache gets the profiles by which they are compiled. */
  private void sendMany() throws IOException {
    long begin = System.nanoTime();
    long sent =
        traffic.send(
            port,
            false,
            () -> 0,
            responded ->
                responded >= REQUESTS || System.nanoTime() - begin > LONGEST_TRAFFIC.toNanos());
    if (sent == 0) {
      throw new IOException("no request of many was responded to");
    }
  }

  private boolean isReady() {
    try {
      return status(managementPort, get("/actuator/health/readiness")) == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static String get(String target) {
    return request("GET " + target, "Connection: close");
  }

  private static String post(String target) {
    return request("POST " + target, "Connection: close", "Content-Length: 4") + "body";
  }

  private static String webSocket() {
    return request(
        "GET /websocket",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  }

  private static String request(String methodAndTarget, String... fields) {
    return methodAndTarget
        + " HTTP/1.1\r\nHost: training.localhost\r\n"
        + String.join("\r\n", fields)
        + "\r\n\r\n";
  }

  private static void expect(int status, int port, String request) throws IOException {
    int found = status(port, request);
    if (found != status) {
      String line = request.substring(0, request.indexOf('\r'));
      throw new IOException(line + " on port " + port + ": " + found + " instead of " + status);
    }
  }

  /** The status of the response, which is read to its end unless the protocol changes. */
  private static int status(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) LONGEST_RUN.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] line = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
      String text = new String(line, StandardCharsets.US_ASCII);
      if (!text.matches("HTTP/1.1 [0-9]{3}")) {
        throw new IOException("no response on port " + port);
      }
      int status = Integer.parseInt(text.substring(text.length() - 3));
      if (status >= 200) {
        socket.getInputStream().readAllBytes();
      }
      return status;
    }
  }
}
