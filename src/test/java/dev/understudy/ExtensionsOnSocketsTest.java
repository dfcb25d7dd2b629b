package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filters and predicates of jars in the directory of extensions, in the whole application. */
class ExtensionsOnSocketsTest {
  private static final String SETTING = "understudy.extensions=";

  @TempDir static Path jars;
  @TempDir private Path folder;

  @BeforeAll
  static void buildJar(@TempDir Path work) throws Exception {
    new ExtensionJar(work)
        .filter(
            "Stamp",
            """
            return (exchange, chain) -> {
              var request = exchange.getRequest().mutate().header("X-Stamp", config.getText());
              return chain.filter(exchange.mutate().request(request.build()).build());
            };
            """)
        .predicate(
            "Marked",
            """
            return exchange ->
                config.getText().equals(exchange.getRequest().getHeaders().getFirst("X-Mark"));
            """)
        .build(jars.resolve("stamp.jar"));
  }

  private static String routes(String routes) {
    return TestProxy.POOLS + "routes:\n" + routes;
  }

  private static String get(TestProxy proxy, String path, String... fields) {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.get(path, fields).body();
    }
  }

  private static void echoStamp(TestProxy proxy) {
    proxy.server.script(call -> call.reply(200, "stamp " + call.header("x-stamp")));
  }

  @Test
  void routes_name_filters_and_predicates_of_the_jars() throws Exception {
    String file =
        routes(
            """
              - { id: marked, uri: "pool://p", predicates: ["Path=/a", "Marked=yes"], filters: ["Stamp=one"] }
              - { id: rest, uri: "pool://p", predicates: ["Path=/**"], filters: ["Stamp=two when path(/b)"] }
            """);
    try (TestProxy proxy = new TestProxy(folder, file, SETTING + jars)) {
      echoStamp(proxy);
      assertThat(get(proxy, "/a", "Host: a", "X-Mark: yes")).isEqualTo("stamp one");
      assertThat(get(proxy, "/a", "Host: a")).isEqualTo("stamp null");
      assertThat(get(proxy, "/b", "Host: a")).isEqualTo("stamp two");
      assertThat(RawClient.get(proxy.managementPort(), "/api/routes", "Host: localhost"))
          .contains("Stamp", "Marked");
    }
  }

  @Test
  void a_reload_takes_routes_that_name_them_and_refuses_their_wrong_arguments() throws Exception {
    String before = routes("  - { id: a, uri: 'pool://p', predicates: ['Path=/**'] }\n");
    try (TestProxy proxy = new TestProxy(folder, before, SETTING + jars)) {
      echoStamp(proxy);
      assertThat(get(proxy, "/", "Host: a")).isEqualTo("stamp null");

      proxy.write(before.replace("**'] }\n", "**'], filters: [ 'Stamp=a,b' ] }\n"));
      Await.until(
          "the reason is told",
          () ->
              RawClient.get(proxy.managementPort(), "/api/events", "Host: localhost")
                  .contains("expected at most 1 arguments [text], found 2"));
      assertThat(get(proxy, "/", "Host: a")).isEqualTo("stamp null");

      proxy.write(before.replace("**'] }\n", "**'], filters: [ 'Stamp=new' ] }\n"));
      Await.until("it is applied", () -> get(proxy, "/", "Host: a").equals("stamp new"));
    }
  }

  @Test
  void a_filter_with_the_name_of_another_one_ends_the_start(@TempDir Path other) throws Exception {
    new ExtensionJar(Files.createDirectory(folder.resolve("work")))
        .filter("SetPath", "return (exchange, chain) -> chain.filter(exchange);")
        .build(other.resolve("set.jar"));
    assertThatThrownBy(() -> new TestProxy(folder, TestProxy.ALL, SETTING + other).close())
        .rootCause()
        .hasMessage(
            "understudy.extensions: set.jar: expected another name than SetPath, which is the"
                + " Gateway's or ours");
  }
}
