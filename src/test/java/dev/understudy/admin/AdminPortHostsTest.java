package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Certificates;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.Rows;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which hosts and from which origins the management port can be used, plain and with TLS. */
class AdminPortHostsTest extends OnSharedServer {
  private static final String SWITCH = "/api/pools/sense/switch";

  @TempDir private static Path folder;
  private static AdminServer secure;

  @BeforeAll
  static void start() throws Exception {
    new Certificates(folder).issue("web", "localhost");
    List<String> settings = new ArrayList<>(List.of(SETTINGS));
    settings.add("management.server.ssl.certificate=file:" + folder + "/web.pem");
    settings.add("management.server.ssl.certificate-private-key=file:" + folder + "/web.key");
    secure = new AdminServer(settings.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    secure.close();
  }

  private static Response send(AdminServer of, String method, String target, String... fields) {
    try (RawClient client = new RawClient(of.managementPort(), of == secure)) {
      return client.request(method, target, fields).response(method);
    }
  }

  private static Response get(AdminServer of, @Nullable String host, String target) {
    if (host != null) {
      return send(of, "GET", target, "Host: " + host);
    }
    try (RawClient client = new RawClient(of.managementPort(), of == secure)) {
      return client.send("GET " + target + " HTTP/1.0\r\n\r\n").response();
    }
  }

  @Rows(
      """
      // host                      | status
      localhost                   | 200
      localhost:9090              | 200
      LOCALHOST:1                 | 200
      localhost.                  | 200
      localhost.:9090             | 200
      one.localhost:9090          | 200
      127.0.0.1:9090              | 200
      10.20.30.40                 | 200
      [::1]:9090                  | 200
      [2001:db8::7]               | 200
      admin.example.com           | 200
      ADMIN.example.COM.:9090     | 200
      a.svc.example               | 200
      b.a.svc.example:9090        | 200
                                  | 200
      evil.example                | 421
      evil.example:9090           | 421
      svc.example                 | 421
      .svc.example                | 421
      xsvc.example                | 421
      one.admin.example.com       | 421
      admin.example.com.evil.net  | 421
      localhost.evil.net          | 421
      localhost..                 | 421
      xlocalhost                  | 421
      127.0.0.1.evil.net          | 421
      10.20.30                    | 421
      0x7f000001                  | 421
      [evil.example]              | 421
      evil@localhost              | 421
      localhost, evil.example     | 421
      :9090                       | 421
      """)
  void a_host_is_an_address_or_a_name_of_this_port(@Nullable String host, int status) {
    for (String target :
        List.of("/api/overview", "/status", "/", "/actuator/prometheus", "/api/whoami")) {
      assertThat(get(server, host, target).status()).as(target).isEqualTo(status);
    }
    assertThat(get(secure, host, "/api/overview").status()).as("TLS").isEqualTo(status);
    assertThat(get(server, host, "/actuator/health/liveness").status())
        .as("the platform's probes")
        .isEqualTo(200);
  }

  @Test
  void a_refusal_names_the_setting_and_is_counted_and_a_request_has_one_host() {
    RefusalLog refusals = server.context().getBean(RefusalLog.class);
    long before = RefusalCount.of(refusals, RefusalLog.Cause.HOST);

    Response response = get(server, "evil.example", "/api/pools");

    assertThat(response.status()).isEqualTo(421);
    assertThat(response.body()).contains("understudy.admin.hosts", "Misdirected Request");
    assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(RefusalCount.of(refusals, RefusalLog.Cause.HOST)).isEqualTo(before + 1);
    assertThat(send(server, "GET", "/api/pools", "Host: localhost", "Host: evil.example").status())
        .as("two hosts")
        .isEqualTo(400);
  }

  @Test
  void the_machines_names_are_allowed() throws Exception {
    InetAddress local = InetAddress.getLocalHost();
    for (String name :
        List.of(local.getHostName(), local.getCanonicalHostName().toUpperCase(Locale.ROOT))) {
      assertThat(get(server, name + ":9090", "/api/pools").status()).as(name).isEqualTo(200);
    }
    assertThat(AllowedHosts.ofMachine("Pod-7")).as("of the environment").contains("pod-7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "a b", ":9090"})
  void a_star_allows_every_host(String host) {
    AllowedHosts every = new AllowedHosts(List.of("*"), Set::of);

    assertThat(every.allow(host).block()).isTrue();
  }

  /** With the token: a page that has it, such as by a mistake of its user, is foreign even so. */
  @Rows(
      """
      // host              | origin                      | forwarded | plain | secure
      localhost           |                             |           | 200   | 200
      localhost:9090      | http://localhost:9090       |           | 200   | 403
      localhost:9090      | https://localhost:9090      |           | 403   | 200
      LocalHost:9090      | http://localhost:9090       |           | 200   | 403
      localhost:80        | http://localhost            |           | 200   | 403
      localhost:443       | https://localhost           |           | 403   | 200
      [::1]:9090          | http://[::1]:9090           |           | 200   | 403
      admin.example.com   | https://admin.example.com   | https     | 200   | 200
      admin.example.com   | http://admin.example.com    | https     | 403   | 403
      localhost:9090      | http://localhost:9091       |           | 403   | 403
      localhost:9090      | http://localhost            |           | 403   | 403
      localhost:9090      | http://127.0.0.1:9090       |           | 403   | 403
      localhost:9090      | http://evil.example         |           | 403   | 403
      localhost:9090      | https://evil.example        |           | 403   | 403
      localhost:9090      | null                        |           | 403   | 403
      evil.example:9090   | http://evil.example:9090    |           | 421   | 403
      """)
  void an_origin_is_that_of_the_port(
      String host,
      @Nullable String origin,
      @Nullable String forwarded,
      int statusPlain,
      int statusSecure) {
    List<String> fields = new ArrayList<>(List.of("Host: " + host));
    if (origin != null) {
      fields.add("Origin: " + origin);
    }
    if (forwarded != null) {
      fields.add("X-Forwarded-Proto: " + forwarded);
    }
    assertThat(read(server, fields)).isEqualTo(statusPlain);
    assertThat(read(secure, fields)).isEqualTo(statusSecure);
    assertThat(write(server, fields)).isEqualTo(statusPlain);
    assertThat(write(secure, fields)).isEqualTo(statusSecure);
  }

  private static int read(AdminServer of, List<String> fields) {
    return send(of, "GET", "/api/events", fields.toArray(String[]::new)).status();
  }

  private static int write(AdminServer of, List<String> fields) {
    List<String> all = new ArrayList<>(fields);
    all.add("Authorization: Bearer " + AdminServer.TOKEN);
    all.add("Content-Type: application/json");
    byte[] body = "{\"to\":\"sen2\"}".getBytes(StandardCharsets.UTF_8);
    try (RawClient client = new RawClient(of.managementPort(), of == secure)) {
      return client.request("POST", SWITCH, body, all.toArray(String[]::new)).response().status();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/events/stream", "/api/overview/stream"})
  void a_stream_is_open_to_the_own_origin_only(String path) {
    assertThat(
            send(server, "GET", path, "Host: localhost:1", "Origin: http://evil.example").status())
        .isEqualTo(403);
    assertThat(get(server, "evil.example", path).status()).isEqualTo(421);
  }
}
