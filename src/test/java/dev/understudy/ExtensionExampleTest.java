package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;

/** The example of the page about extensions is built, loaded and reloaded as the page says. */
class ExtensionExampleTest {
  private static final Path PROJECT = Path.of("config/extension");
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
  void the_page_shows_the_filter_as_it_is() throws Exception {
    String filter =
        Files.readString(
            PROJECT.resolve("src/main/java/com/example/TenantGatewayFilterFactory.java"));
    assertThat(PAGE).content().contains(filter.substring(filter.indexOf("public class")));
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
