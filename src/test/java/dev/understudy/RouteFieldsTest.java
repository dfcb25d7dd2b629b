package dev.understudy;

import static dev.understudy.LanesProxy.LANES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Fields that a server may take for one that a route changes or decides by. */
class RouteFieldsTest {
  private static LanesProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("users"), "ops:{plain}secret\n");
    proxy =
        new LanesProxy(
            folder,
            Map.ofEntries(
                Map.entry("set", "[ 'SetRequestHeader=X-Set, ours' ]"),
                Map.entry("value", "[ 'SetRequestHeader=X-Value, {client.address}' ]"),
                Map.entry("add", "[ 'AddRequestHeader=X-Add, ours' ]"),
                Map.entry("remove", "[ 'RemoveRequestHeader=X-Remove' ]"),
                Map.entry("replace", "[ 'ReplaceRequestHeader=X-Replace, a, b' ]"),
                Map.entry(
                    "some",
                    "[ { name: SetRequestHeader, args: { name: X-Some, value: ours }, when:"
                        + " 'query(a)' } ]"),
                Map.entry("own", "[ 'SetRequestHeader=X_Own, ours' ]"),
                Map.entry("deny", "[ 'Deny=403 when header(X-Debug)' ]"),
                Map.entry("count", "[ 'Deny=403 when header-count(X-Many, > 1)' ]"),
                Map.entry("rate", "[ 'RateLimit=1/1d, header:X-Rate' ]"),
                Map.entry("user", "[ { name: BasicAuth, args: { file: users, forward: user } } ]"),
                Map.entry("open", "[ ]")),
            new GuardRegistry(),
            "understudy.trusted-proxies=127.0.0.0/8");
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  /** A path's last part, and a field that must not arrive. */
  static Stream<List<String>> rows() {
    return Stream.of(
        List.of("set", "X_Set"),
        List.of("value", "X_Value"),
        List.of("value", "X.Value"),
        List.of("add", "X_Add"),
        List.of("remove", "X_Remove"),
        List.of("replace", "x_replace"),
        List.of("some", "X_Some"),
        List.of("own", "X-Own"),
        List.of("own", "X.Own"),
        List.of("deny", "X_Debug"),
        List.of("count", "X_Many"),
        List.of("rate", "X_Rate"),
        List.of("user", "X_Forwarded_User"));
  }

  private static TestServer.Call call() {
    return proxy.server.calls().getLast();
  }

  private static Response get(Protocol protocol, String path, String... fields) {
    List<String> all = new ArrayList<>(List.of(fields));
    if (protocol == Protocol.HTTP_2) {
      all.replaceAll(field -> field.toLowerCase(Locale.ROOT));
    }
    all.add(
        "authorization: Basic " + Base64.getEncoder().encodeToString("ops:secret".getBytes(UTF_8)));
    try (TestClient client = proxy.connect(protocol)) {
      return client.get(path, all.toArray(String[]::new));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_look_alike_does_not_arrive(List<String> row) {
    String name = row.get(1);
    for (String lane : LANES) {
      for (Protocol protocol : Protocol.values()) {
        Response response = get(protocol, lane + row.get(0), name + ": evil", "X_Other: kept");
        assertThat(response.status()).isEqualTo(200);
        assertThat(call().head()).as(lane + protocol).doesNotContain("evil");
        assertThat(call().headers("x_other")).containsExactly("kept");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void what_a_filter_sets_arrives(Protocol protocol) {
    for (String lane : LANES) {
      get(protocol, lane + "own", "X_Own: evil");
      assertThat(call().headers("x_own")).containsExactly("ours");
      get(protocol, lane + "set", "X-Set: evil");
      assertThat(call().headers("x-set")).containsExactly("ours");
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void a_trailer_that_a_filter_sets_as_a_field_does_not_arrive(Protocol protocol) {
    for (String lane : LANES) {
      List<String> trailers = new ArrayList<>();
      proxy.server.script(
          call -> {
            for (String line = call.readLine(); !line.equals("0"); line = call.readLine()) {
              call.readLine();
            }
            for (String line = call.readLine(); !line.isEmpty(); line = call.readLine()) {
              trailers.add(line);
            }
            call.write("HTTP/1.1 204 No\r\n\r\n");
            call.close();
          });
      try (TestClient client = proxy.connect(protocol)) {
        client
            .begin("POST", lane + "set", -1)
            .body("abc")
            .end("x-set: evil", "x_set: evil", "x-check: 2")
            .response();
      } finally {
        proxy.server.script(call -> call.reply(200, "server"));
      }
      assertThat(trailers).containsExactly("x-check: 2");
    }
  }
}
