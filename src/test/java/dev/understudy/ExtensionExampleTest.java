package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;

/** The examples of the page about extensions are built, loaded and reloaded as the page says. */
class ExtensionExampleTest {
  private static final Path PROJECT = Path.of("config/extension");
  private static final Path CHECK = Path.of("config/extension-check");
  private static final Path PAGE = Path.of("config/extensions.md");

  @TempDir private Path folder;
  @TempDir private Path jars;

  private static String get(TestProxy proxy, String host) {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.get("/", "Host: " + host, "X-Tenant: forged").body();
    }
  }

  @Test
  void the_example_does_what_the_page_says(@TempDir Path work) throws Exception {
    new ExtensionJar(work).project(PROJECT).build(jars.resolve("tenant.jar"));
    String without =
        TestProxy.POOLS
            + """
            routes:
              - id: shop
                uri: "pool://p"
                predicates: ["Path=/**", "Tenants=blue,green"]
              - { id: rest, uri: "pool://p", predicates: ["Path=/**"], filters: ["Respond=200,nobody"] }
            """;
    try (TestProxy proxy = new TestProxy(folder, without, "understudy.extensions=" + jars)) {
      proxy.server.script(call -> call.reply(200, "tenant " + call.header("x-tenant")));
      assertThat(get(proxy, "blue.test")).isEqualTo("tenant forged");
      assertThat(get(proxy, "red.test")).isEqualTo("nobody");

      proxy.write(without.replace("green\"]\n", "green\"]\n    filters: [\"Tenant=X-Tenant\"]\n"));
      Await.until("it is applied", () -> get(proxy, "blue.test").equals("tenant blue"));
      assertThat(get(proxy, "green.test")).isEqualTo("tenant green");
      assertThat(get(proxy, "red.test")).isEqualTo("nobody");
    }
  }

  @Test
  void the_check_does_what_the_page_says(@TempDir Path work) throws Exception {
    new ExtensionJar(work).project(CHECK).build(jars.resolve("lag.jar"));
    String file =
        """
        pools:
          p:
            servers: { a: { url: "http://SERVER", role: master } }
            health: { type: extension, name: Lag, arguments: { most-seconds: "30" },
              interval: 100ms, fast-interval: 50ms, down-interval: 50ms, timeout: 1s }
        routes:
          - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
        """;
    Map<String, String> details =
        Map.of(
            "31", "lag 31 s",
            "much", "check Lag threw NumberFormatException: For input string: ");
    AtomicReference<String> lag = new AtomicReference<>("30");
    try (TestProxy proxy = new TestProxy(folder, file, "understudy.extensions=" + jars)) {
      proxy.server.script(call -> call.reply(200, lag.get()));
      awaitPool(proxy, "UP", "lag 30 s");
      for (Map.Entry<String, String> each : details.entrySet()) {
        lag.set(each.getKey());
        awaitPool(proxy, "DOWN", each.getValue());
      }
      lag.set("0");
      awaitPool(proxy, "UP", "lag 0 s");
    }
  }

  private static void awaitPool(TestProxy proxy, String health, String detail) {
    Await.until(
        "it is " + health + ": " + detail,
        () -> {
          String pool = RawClient.get(proxy.managementPort(), "/api/pools/p", "Host: localhost");
          return pool.contains("\"" + health + "\"") && pool.contains(detail);
        });
  }

  @ParameterizedTest
  @CsvSource({"extension, TenantGatewayFilterFactory", "extension-check, LagHealthCheck"})
  void the_page_shows_each_example_as_it_is(String project, String type) throws Exception {
    String source =
        Files.readString(Path.of("config", project, "src/main/java/com/example", type + ".java"));
    assertThat(PAGE).content().contains(source.substring(source.indexOf("public class")));
  }

  @Test
  void the_project_builds_with_the_gateway_that_we_have() throws Exception {
    String jar =
        Path.of(
                GatewayFilterFactory.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI())
            .getFileName()
            .toString();
    String version = jar.replaceFirst("^spring-cloud-gateway-server-webflux-(.*)\\.jar$", "$1");
    assertThat(PROJECT.resolve("pom.xml")).content().contains("<version>" + version + "</version>");
  }
}
