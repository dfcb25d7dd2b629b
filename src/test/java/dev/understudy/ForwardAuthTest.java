package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.Limit;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ForwardAuth} on sockets, the same in both lanes and all protocols. */
class ForwardAuthTest {
  private static final String ADMITTED =
      "HTTP/1.1 200 OK\r\nRemote-User: ann\r\nRemote-Groups: a\r\nRemote-Groups: b\r\n"
          + "X-Other: none of theirs\r\nContent-Length: 2\r\n\r\nok";
  private static final String REFUSED =
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Type: text/x\r\n"
          + "Cache-Control: public\r\nContent-Length: 2\r\n\r\nno";
  private static final String LOGIN =
      "HTTP/1.1 302 Found\r\nLocation: https://login.test/?rd=x\r\nSet-Cookie: a=1\r\n"
          + "Set-Cookie: b=2\r\nContent-Length: 0\r\n\r\n";

  private static final String POOLS =
      """
        auth: { servers: { a: { url: "http://127.0.0.1:%1$d" } }, health: { type: tcp } }
        pair: { servers: { a: { url: "http://127.0.0.1:%2$d" }, b: { url: "http://127.0.0.1:%1$d", role: backup } }, health: { type: tcp } }
        secure: { servers: { a: { url: "https://127.0.0.1:%3$d" } }, health: { type: tcp }, tls: { verify: false } }
        dead: { servers: { a: { url: "http://127.0.0.1:1" } }, health: { type: tcp }, hold: { time: 0s } }
      """;

  /** {@code MORE} stands for a pool, and what its response may set. */
  private static final String ROUTES =
      """
      plain: [ 'ForwardAuth=pool://auth/verify?x=1, Remote-User, Remote-Groups' ]
      slow: [ { name: ForwardAuth, args: { MORE, timeout: 50ms } } ]
      slow-open: [ { name: ForwardAuth, args: { MORE, timeout: 50ms, on-failure: open } } ]
      upgrade: [ 'ForwardAuth=pool://auth/', 'AllowUpgrade=tcp' ]
      renamed: [ 'SetHost=inner.test', 'ForwardAuth=pool://auth/' ]
      pair: [ 'ForwardAuth=pool://pair/, Remote-User' ]
      secure: [ 'ForwardAuth=pool://secure/, Remote-User' ]
      dead: [ 'ForwardAuth=pool://dead/' ]
      dead-open: [ { name: ForwardAuth, args: { url: 'pool://dead/', on-failure: open, response-headers: Remote-User } } ]
      cached: [ { name: ForwardAuth, args: { MORE, cache: 60m } } ]
      by-cookie: [ { name: ForwardAuth, args: { MORE, cache: 60m, cache-key: [ 'cookie:sid' ] } } ]
      more: [ { name: ForwardAuth, args: { MORE, request-headers: [ X-Tenant ] } } ]
      few: [ { name: ForwardAuth, args: { MORE, concurrent: 2 } } ]
      some: [ { name: ForwardAuth, args: { url: 'pool://auth/', response-headers: Remote-User }, when: 'query(auth)' } ]
      guarded: [ 'ForwardAuth=pool://auth/, Remote-User', 'Deny=403 when not header(Remote-User, ann)' ]
      """
          .replace(
              "MORE",
              "url: 'pool://auth/verify?x=1', response-headers: [ Remote-User, Remote-Groups ]");

  @AutoClose private static TestServer authenticator;
  @AutoClose private static TestServer dying;
  @AutoClose private static TestServer secure;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    authenticator = new TestServer("authenticator");
    dying = new TestServer("dying", call -> call.write(ADMITTED));
    secure = new TestServer("secure", call -> call.write(ADMITTED), tls());
    String pools = POOLS.formatted(authenticator.port(), dying.port(), secure.port());
    proxy =
        new TestProxy(
            folder,
            TestProxy.POOLS + pools + "routes:\n" + TestProxy.named(ROUTES),
            TestProxy.tls(folder, "understudy.trusted-proxies=127.0.0.0/8"));
    proxy.requireLanesAsNamed();
  }

  private static SSLContext tls() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new CertificateBuilder()
            .subject("CN=secure")
            .setIsCertificateAuthority(true)
            .buildSelfSigned()
            .toKeyManagerFactory()
            .getKeyManagers(),
        null,
        null);
    return context;
  }

  @BeforeEach
  void admits() {
    authenticator.script(call -> call.write(ADMITTED));
  }

  @AfterEach
  void reset() {
    proxy.server.script(call -> call.reply(200, "server"));
  }

  private static Response get(String target, String... fields) {
    try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
      return client.get(target, fields);
    }
  }

  private static String last(TestServer of) {
    return of.calls().getLast().head();
  }

  @EachWay
  void an_admitted_request_has_the_authenticators_fields_and_none_of_the_clients(
      String lane, Protocol protocol) {
    try (TestClient client = proxy.connect(protocol)) {
      Response response =
          client.get(
              lane + "plain?a=b",
              "Host: app.test",
              "Remote-User: root",
              "Remote_User: root",
              "Remote-Groups: root",
              "X-Other: own",
              "Cookie: sid=1",
              "Authorization: Bearer x");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("server");
    }
    assertThat(last(proxy.server))
        .containsIgnoringCase("remote-user: ann\r\n")
        .containsIgnoringCase("remote-groups: a\r\nremote-groups: b\r\n")
        .containsIgnoringCase("x-other: own")
        .doesNotContain("root", "theirs");
  }

  @EachLane
  void the_authenticator_is_told_the_clients_host_whatever_the_server_gets(String lane) {
    assertThat(get(lane + "renamed", "Host: app.test").status()).isEqualTo(200);
    assertThat(last(authenticator)).contains("app.test").doesNotContain("inner.test");
    assertThat(last(proxy.server)).containsIgnoringCase("host: inner.test\r\n");
  }

  @Test
  void an_authenticators_backup_is_asked_once_its_master_is_dead() {
    for (String lane : LANES) {
      int before = dying.calls().size();
      assertThat(get(lane + "pair", "Host: a").status()).isEqualTo(200);
      assertThat(dying.calls()).hasSize(before + 1);
    }
    dying.kill();
    for (String lane : LANES) {
      int before = authenticator.calls().size();
      assertThat(get(lane + "pair", "Host: a").status()).isEqualTo(200);
      assertThat(authenticator.calls()).hasSize(before + 1);
      assertThat(last(proxy.server)).containsIgnoringCase("remote-user: ann\r\n");
    }
  }

  @EachLane
  void an_authenticator_is_asked_over_tls(String lane) {
    int before = secure.calls().size();
    assertThat(get(lane + "secure", "Host: a", "Remote-User: root").status()).isEqualTo(200);
    assertThat(secure.calls()).hasSize(before + 1);
    assertThat(last(proxy.server)).containsIgnoringCase("remote-user: ann\r\n");
  }

  @EachWay
  void the_authenticator_gets_the_request_without_its_body(String lane, Protocol protocol) {
    try (TestClient client = proxy.connect(protocol)) {
      client.request(
          "POST",
          lane + "more?a=b",
          "body".getBytes(java.nio.charset.StandardCharsets.UTF_8),
          "Host: app.test",
          "Cookie: sid=1",
          "Authorization: Bearer x",
          "X-Forwarded-For: 192.0.2.7",
          "X-Forwarded-Uri: /forged",
          "X-Tenant: t",
          "X-Private: p");
      assertThat(client.response("POST").status()).isEqualTo(200);
    }
    String scheme = protocol == Protocol.HTTP_1_1 ? "http" : "https";
    assertThat(last(authenticator))
        .startsWith("GET /verify?x=1 HTTP/1.1\r\n")
        .containsIgnoringCase("x-forwarded-method: POST\r\n")
        .containsIgnoringCase("x-forwarded-uri: " + lane + "more?a=b\r\n")
        .containsIgnoringCase("x-forwarded-host: app.test\r\n")
        .containsIgnoringCase("x-forwarded-for: 192.0.2.7, 127.0.0.1\r\n")
        .containsIgnoringCase("x-original-method: POST\r\n")
        .containsIgnoringCase("cookie: sid=1\r\n")
        .containsIgnoringCase("authorization: Bearer x\r\n")
        .containsIgnoringCase("x-tenant: t\r\n")
        .containsPattern(
            "(?i)x-original-url: " + scheme + "s?://app.test" + lane + "more\\?a=b\r\n")
        .containsPattern("(?i)x-forwarded-proto: " + scheme + "s?\r\n")
        .doesNotContainIgnoringCase("content-length", "x-private", "forged");
    assertThat(proxy.server.calls().getLast().header("x-request-id"))
        .as("both have the same id")
        .isEqualTo(authenticator.calls().getLast().header("x-request-id"));
  }

  @EachWay
  void another_response_goes_to_the_client_and_nothing_to_the_server(
      String lane, Protocol protocol) {
    int before = proxy.server.calls().size();
    authenticator.script(call -> call.write(REFUSED));
    try (TestClient client = proxy.connect(protocol)) {
      Response refused = client.get(lane + "plain?refused-" + protocol, "Host: a");
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.header("www-authenticate")).isEqualTo("Bearer");
      assertThat(refused.header("content-type")).isEqualTo("text/x");
      assertThat(refused.header("cache-control")).isEqualTo("no-store");
      assertThat(refused.body()).isEqualTo("no");
      authenticator.script(call -> call.write(LOGIN));
      Response login = client.get(lane + "plain", "Host: a");
      assertThat(login.status()).isEqualTo(302);
      assertThat(login.header("location")).isEqualTo("https://login.test/?rd=x");
      assertThat(login.headers("set-cookie")).containsExactly("a=1", "b=2");
    }
    assertThat(proxy.logged(lane + "plain?refused-" + protocol))
        .contains("end=LOCAL", "status=401");
    assertThat(proxy.server.calls()).hasSize(before);
  }

  @EachLane
  void an_authenticator_that_fails_is_a_503_or_open_as_the_filter_says(String lane) {
    for (String target : List.of("slow", "dead", "plain")) {
      authenticator.script(
          target.equals("plain")
              ? call -> call.write("HTTP/1.1 500 X\r\nContent-Length: 7\r\n\r\nprivate")
              : call -> call.in().read());
      Response response = get(lane + target, "Host: a");
      assertThat(response.status()).as(target).isEqualTo(503);
      assertThat(response.body()).doesNotContain("private");
    }
    for (String target : List.of("slow-open", "dead-open")) {
      assertThat(get(lane + target, "Host: a", "Remote-User: root").status()).isEqualTo(200);
      assertThat(last(proxy.server)).doesNotContain("root");
    }
  }

  @EachLane
  void a_body_without_end_is_cut(String lane) {
    for (String status : List.of("200 OK", "401 X")) {
      authenticator.script(
          call -> {
            call.write("HTTP/1.1 " + status + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            try {
              while (true) {
                call.write("1000\r\n" + "x".repeat(0x1000) + "\r\n");
              }
            } catch (IOException e) {
              // It has been cut.
            }
          });
      assertThat(get(lane + "plain", "Host: a").status())
          .isEqualTo(status.startsWith("200") ? 200 : 503);
      Await.until("it is cut", () -> authenticator.openConnections() == 0);
    }
  }

  @EachLane
  void a_2xx_is_kept_for_the_same_request_and_a_refusal_is_not(String lane) {
    String session = "Cookie: sid=" + lane;
    int before = authenticator.calls().size();
    for (String cookie : List.of(session, session, session + "2")) {
      assertThat(get(lane + "cached", "Host: a", cookie, "Remote-User: root").status())
          .isEqualTo(200);
      assertThat(last(proxy.server))
          .containsIgnoringCase("remote-user: ann")
          .doesNotContain("root");
    }
    assertThat(get(lane + "cached?other", "Host: a", session).status()).isEqualTo(200);
    assertThat(get(lane + "cached", "Host: b", session).status()).isEqualTo(200);
    assertThat(authenticator.calls()).hasSize(before + 4);
    authenticator.script(call -> call.write(REFUSED));
    assertThat(get(lane + "cached", "Host: a", session).status()).isEqualTo(200);
    assertThat(get(lane + "cached?new", "Host: a", session).status()).isEqualTo(401);
    authenticator.script(call -> call.write(ADMITTED));
    assertThat(get(lane + "cached?new", "Host: a", session).status()).isEqualTo(200);
  }

  @EachLane
  void a_2xx_is_kept_by_a_cookie_and_for_nobody_without_it(String lane) {
    assertThat(get(lane + "by-cookie?1", "Host: a", "Cookie: sid=1").status()).isEqualTo(200);
    assertThat(get(lane + "by-cookie", "Host: a").status()).isEqualTo(200);
    authenticator.script(call -> call.write(REFUSED));
    assertThat(get(lane + "by-cookie?2", "Host: a", "Cookie: x=y; sid=1").status()).isEqualTo(200);
    assertThat(get(lane + "by-cookie", "Host: a", "Cookie: sid=2").status()).isEqualTo(401);
    assertThat(get(lane + "by-cookie", "Host: a").status()).isEqualTo(401);
  }

  @EachLane
  void a_condition_that_does_not_hold_asks_nobody_and_lets_no_made_up_field_pass(String lane) {
    authenticator.script(call -> call.write(REFUSED));
    assertThat(get(lane + "some", "Host: a", "Remote-User: root").status()).isEqualTo(200);
    assertThat(last(proxy.server)).doesNotContain("root");
    assertThat(get(lane + "some?auth=1", "Host: a").status()).isEqualTo(401);
  }

  @EachLane
  void guards_after_it_decide_by_what_the_authenticator_said(String lane) {
    assertThat(get(lane + "guarded", "Host: a").status()).isEqualTo(200);
    authenticator.script(call -> call.reply(200, "nobody"));
    assertThat(get(lane + "guarded", "Host: a", "Remote-User: ann").status()).isEqualTo(403);
  }

  @EachWay
  void a_body_that_arrives_meanwhile_reaches_the_server(String lane, Protocol protocol)
      throws Exception {
    byte[] body = new byte[200_000];
    CountDownLatch go = hold();
    int before = authenticator.calls().size();
    try (TestClient client = proxy.connect(protocol)) {
      Thread upload = new Thread(() -> client.request("POST", lane + "plain", body, "Host: a"));
      upload.start();
      Await.until("it asks", () -> authenticator.calls().size() == before + 1);
      go.countDown();
      assertThat(client.response("POST").status()).isEqualTo(200);
      upload.join();
    }
    assertThat(proxy.server.calls().getLast().body()).hasSize(body.length);
  }

  /** Lets the authenticator admit as soon as the latch is open. */
  private static CountDownLatch hold() {
    CountDownLatch go = new CountDownLatch(1);
    authenticator.script(
        call -> {
          go.await();
          call.write(ADMITTED);
        });
    return go;
  }

  @EachWay
  void a_client_that_goes_away_ends_the_subrequest(String lane, Protocol protocol) {
    CountDownLatch go = hold();
    int before = authenticator.calls().size();
    String target = lane + "plain?gone-" + protocol;
    try (TestClient client = proxy.connect(protocol)) {
      client.begin("POST", target, 100_000, "Host: a");
      Await.until("it asks", () -> authenticator.calls().size() == before + 1);
      client.abort();
      assertThat(proxy.logged(target)).contains("end=CLIENT_GONE", "status=0");
      String id = authenticator.calls().getLast().header("x-request-id");
      Await.until(
          "the subrequest is told as left",
          () ->
              proxy
                  .accessLog()
                  .lines()
                  .anyMatch(
                      line ->
                          line.contains(id)
                              && line.contains("/forward-auth")
                              && line.contains("end=CLIENT_GONE")));
    }
    go.countDown();
    assertThat(proxy.server.calls()).noneMatch(call -> call.line().contains(target));
  }

  @EachLane
  void an_upload_that_has_filled_its_window_meanwhile_goes_on(String lane) throws IOException {
    CountDownLatch go = hold();
    int before = authenticator.calls().size();
    proxy.server.script(call -> call.reply(200, Long.toString(call.skipBody())));
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings()) {
      client.frame(RawHttp2.SETTINGS, RawHttp2.ACK, 0, new byte[0]);
      client.post(1, lane + "plain", "content-length: 80000");
      for (int length : new int[] {16_384, 16_384, 16_384, 16_383}) {
        client.frame(RawHttp2.DATA, 0, 1, new byte[length]);
      }
      Await.until("it is asked", () -> authenticator.calls().size() == before + 1);
      go.countDown();
      client.read(RawHttp2.WINDOW_UPDATE, 1);
      client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[80_000 - 65_535]);
      assertThat(client.read(RawHttp2.HEADERS, 1).fields().status()).hasToString("200");
    }
  }

  @EachLane
  void more_at_once_than_permitted_get_503_and_are_counted(String lane) {
    CountDownLatch go = hold();
    int before = authenticator.calls().size();
    int limited = proxy.limited(Limit.FORWARD_AUTH);
    List<TestClient> waiting = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      TestClient client = proxy.connect(Protocol.HTTP_1_1);
      client.request("GET", lane + "few", "Host: a");
      waiting.add(client);
    }
    Await.until("both wait", () -> authenticator.calls().size() == before + 2);
    Response busy = get(lane + "few", "Host: a");
    assertThat(busy.status()).isEqualTo(503);
    assertThat(busy.header("retry-after")).isEqualTo("1");
    Await.until("it is counted", () -> proxy.limited(Limit.FORWARD_AUTH) == limited + 1);
    go.countDown();
    waiting.forEach(client -> assertThat(client.response().status()).isEqualTo(200));
    waiting.forEach(TestClient::close);
    assertThat(get(lane + "few", "Host: a").status()).isEqualTo(200);
  }

  @EachLane
  void a_client_with_all_places_makes_room_for_another_one(String lane) {
    CountDownLatch go = hold();
    int before = authenticator.calls().size();
    int limited = proxy.limited(Limit.FORWARD_AUTH);
    List<TestClient> greedy = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      TestClient client = proxy.connect(Protocol.HTTP_1_1);
      client.request("GET", lane + "few", "Host: a");
      greedy.add(client);
      int asked = i;
      Await.until("it waits", () -> authenticator.calls().size() == before + asked);
    }
    TestClient other = proxy.connect(Protocol.HTTP_1_1);
    other.request("GET", lane + "few", "Host: a", "X-Forwarded-For: 192.0.2.7");
    Response displaced = greedy.get(1).response();
    assertThat(displaced.status()).isEqualTo(503);
    assertThat(displaced.header("retry-after")).isEqualTo("1");
    Await.until("it is counted", () -> proxy.limited(Limit.FORWARD_AUTH) == limited + 1);
    go.countDown();
    assertThat(other.response().status()).isEqualTo(200);
    assertThat(greedy.getFirst().response().status()).isEqualTo(200);
    greedy.forEach(TestClient::close);
    other.close();
  }

  @EachLane
  void a_websocket_is_asked_about_before_its_tunnel_is_made(String lane) {
    String[] handshake = {
      "Host: a",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };
    proxy.server.script(
        call ->
            call.write(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
    assertRefused(lane + "plain", handshake);
    admits();
    assertThat(get(lane + "plain", handshake).status()).isEqualTo(101);
    assertThat(last(authenticator)).doesNotContainIgnoringCase("upgrade");
    assertThat(last(proxy.server)).containsIgnoringCase("remote-user: ann");
  }

  /** Nothing of it comes to the server. */
  private static void assertRefused(String target, String... fields) {
    authenticator.script(call -> call.write(REFUSED));
    int before = proxy.server.calls().size();
    assertThat(get(target, fields).status()).isEqualTo(401);
    assertThat(proxy.server.calls()).hasSize(before);
  }

  @EachLane
  void another_protocol_is_asked_about_before_its_tunnel_is_made(String lane) {
    String[] fields = {"Host: a", "Connection: Upgrade", "Upgrade: tcp"};
    proxy.server.script(
        call -> {
          call.write("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
          call.write("got " + call.readLine());
          call.close();
        });
    assertRefused(lane + "upgrade", fields);
    CountDownLatch sent = hold();
    try (RawClient client = (RawClient) proxy.connect(Protocol.HTTP_1_1)) {
      int asked = authenticator.calls().size();
      client.request("GET", lane + "upgrade", fields);
      client.send("GET /x HTTP/1.1\r\n");
      Await.until("it is asked about", () -> authenticator.calls().size() > asked);
      sent.countDown();
      assertThat(client.response().status()).isEqualTo(101);
      assertThat(client.in()).asString(StandardCharsets.US_ASCII).isEqualTo("got GET /x HTTP/1.1");
    }
    assertThat(last(authenticator)).doesNotContainIgnoringCase("upgrade:");
  }
}
