package dev.understudy;

import dev.understudy.testing.Certificates;
import dev.understudy.testing.TestServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole application behind TLS, with a plain listener beside it and three certificates: {@code
 * main}, {@code exact} for www.domain.com and {@code wild} for *.domain.com. What begins with
 * {@code /express} takes that lane, what begins with {@code /gateway} the other one.
 */
final class SecureProxy extends TestProxy {
  private static final String FILE =
      """
      pools:
        p:
          servers:
            a: { url: "http://127.0.0.1:%d", role: master }
          health: { type: tcp }
      default-filters:
        - RedirectToHttps=301
        - StrictTransportSecurity=max-age=16000000
      routes:
        - { id: express, uri: "pool://p", predicates: ["Path=/express/**"] }
        - { id: gateway, uri: "pool://p", predicates: ["Path=/gateway/**", "After=2020-01-01T00:00:00Z"] }
      """;

  final TestServer server;

  SecureProxy(Path folder, String... settings) throws Exception {
    this(new TestServer("server"), folder, settings);
  }

  private SecureProxy(TestServer server, Path folder, String... settings) throws Exception {
    super(
        Files.writeString(folder.resolve("gateway.yaml"), FILE.formatted(server.port())),
        settings(folder, settings));
    this.server = server;
    requireLanesAsNamed();
  }

  private static List<String> settings(Path folder, String... more) throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("main", "localhost");
    certificates.issue("exact", "www.domain.com");
    certificates.issue("wild", "*.domain.com");
    List<String> all = new ArrayList<>();
    for (String name : List.of("main", "exact", "wild")) {
      all.addAll(certificates.properties(name));
    }
    all.addAll(
        List.of(
            "server.ssl.bundle=main",
            "server.ssl.server-name-bundles[0].server-name=www.domain.com",
            "server.ssl.server-name-bundles[0].bundle=exact",
            "server.ssl.server-name-bundles[1].server-name=*.domain.com",
            "server.ssl.server-name-bundles[1].bundle=wild",
            "understudy.http.port=0"));
    all.addAll(List.of(more));
    return all;
  }

  /** How many requests were refused by the frontend, as a scrape shows them. */
  int refusals() {
    return bean(PrometheusMeterRegistry.class)
        .scrape()
        .lines()
        .filter(line -> line.startsWith("understudy_requests_seconds_count{"))
        .filter(line -> line.contains("outcome=\"BAD_REQUEST\"") && line.contains("status=\"4xx\""))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Override
  public void close() {
    super.close();
    server.close();
  }
}
