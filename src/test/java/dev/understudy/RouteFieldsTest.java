package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fields that a server may take for one that a route changes or decides by, and further fields of
 * the access log: the same in both lanes and all protocols.
 */
class RouteFieldsTest {
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("users"), "ops:{plain}secret\n");
    proxy =
        TestProxy.lanes(
            folder,
            """
            set: [ 'SetRequestHeader=X-Set, ours' ]
            value: [ 'SetRequestHeader=X-Value, {client.address}' ]
            add: [ 'AddRequestHeader=X-Add, ours' ]
            remove: [ 'RemoveRequestHeader=X-Remove' ]
            replace: [ 'ReplaceRequestHeader=X-Replace, a, b' ]
            some: [ { name: SetRequestHeader, args: { name: X-Some, value: ours }, when: 'query(a)' } ]
            own: [ 'SetRequestHeader=X_Own, ours' ]
            deny: [ 'Deny=403 when header(X-Debug)' ]
            count: [ 'Deny=403 when header-count(X-Many, > 1)' ]
            rate: [ 'RateLimit=1/1d, header:X-Rate' ]
            tenant: [ 'SetRequestHeader=X-Got, {header.X-Tenant}' ]
            path: [ 'SetPath=/t/{header.X-Folder}x' ]
            later: [ 'AddResponseHeader=X-Got, {header.X-Later}' ]
            user: [ { name: BasicAuth, args: { file: users, forward: user } } ]
            local: [ 'Respond=200, x' ]
            open: [ ]
            """,
            "understudy.access-log-fields={listener},{tls.version},{header.X-Tenant},{response.header.X-Cache}",
            "understudy.trusted-proxies=127.0.0.0/8");
  }

  @AfterEach
  void reset() {
    proxy.rest();
  }

  private static TestServer.Call call() {
    return proxy.server.calls().getLast();
  }

  private static int get(Protocol protocol, String path, String... fields) {
    List<String> all = new ArrayList<>(List.of(fields));
    if (protocol == Protocol.HTTP_2) {
      all.replaceAll(field -> field.toLowerCase(Locale.ROOT));
    }
    all.add(
        "authorization: Basic " + Base64.getEncoder().encodeToString("ops:secret".getBytes(UTF_8)));
    try (TestClient client = proxy.connect(protocol)) {
      return client.get(path, all.toArray(String[]::new)).status();
    }
  }

  /** A path's last part, and a field that must not arrive. */
  @ParameterizedTest
  @CsvSource({
    "set, X_Set",
    "value, X_Value",
    "value, X.Value",
    "add, X_Add",
    "remove, X_Remove",
    "replace, x_replace",
    "some, X_Some",
    "own, X-Own",
    "own, X.Own",
    "deny, X_Debug",
    "count, X_Many",
    "rate, X_Rate",
    "tenant, X_Tenant",
    "tenant, X.Tenant",
    "path, X_Folder",
    "later, X_Later",
    "user, X_Forwarded_User",
  })
  void a_look_alike_does_not_arrive(String path, String name) {
    for (String lane : LANES) {
      for (Protocol protocol : Protocol.STATIC) {
        assertThat(get(protocol, lane + path, name + ": evil", "X_Other: kept"))
            .as(lane + protocol)
            .isEqualTo(200);
        assertThat(call().head()).as(lane + protocol).doesNotContain("evil");
        assertThat(call().headers("x_other")).containsExactly("kept");
      }
    }
  }

  @EachWay
  void what_a_filter_sets_arrives(String lane, Protocol protocol) {
    get(protocol, lane + "own", "X_Own: evil");
    assertThat(call().headers("x_own")).containsExactly("ours");
    get(protocol, lane + "set", "X-Set: evil");
    assertThat(call().headers("x-set")).containsExactly("ours");
  }

  @EachWay
  void a_trailer_like_a_field_of_a_route_does_not_arrive(String lane, Protocol protocol) {
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
          .end(
              "x-set: evil",
              "x_set: evil",
              "x_debug: evil",
              "x-debug: evil",
              "x_tenant: evil",
              "x.tenant: evil",
              "x_forwarded_for: evil",
              "x-check: 2")
          .response();
    }
    assertThat(trailers).containsExactly("x-check: 2");
  }

  private static void cache() {
    proxy.server.script(
        call -> call.write("HTTP/1.1 200 OK\r\nX-Cache: HIT \"1\"\r\nContent-Length: 1\r\n\r\nx"));
  }

  @EachWay
  void a_line_of_the_access_log_ends_with_its_further_fields(String lane, Protocol protocol) {
    cache();
    String target = lane + "open?" + protocol;
    assertThat(get(protocol, target, "X-Tenant: one")).isEqualTo(200);
    assertThat(proxy.logged(target))
        .contains(
            protocol.isSecure()
                ? " listener=\"main\" tls.version=\"TLSv1.3\" header"
                : " listener=\"http\" tls.version=- header")
        .endsWith(" header.X-Tenant=\"one\" response.header.X-Cache=\"HIT \\\"1\\\"\"");
  }

  @EachLane
  void an_absent_value_in_the_log_is_a_dash_and_a_local_response_has_the_requests(String lane) {
    cache();
    get(Protocol.HTTP_1_1, lane + "open?none");
    get(Protocol.HTTP_1_1, lane + "local?local", "X-Tenant: two");
    assertThat(proxy.logged(lane + "open?none"))
        .endsWith(" header.X-Tenant=- response.header.X-Cache=\"HIT \\\"1\\\"\"");
    assertThat(proxy.logged(lane + "local?local"))
        .endsWith(" header.X-Tenant=\"two\" response.header.X-Cache=-");
  }
}
