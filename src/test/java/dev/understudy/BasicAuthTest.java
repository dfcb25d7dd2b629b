package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.traffic.Limit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code BasicAuth} on sockets, the same in both lanes and all protocols. */
class BasicAuthTest {
  /** Hashes of "secret" by OpenSSL and by libcrypt. */
  private static final String USERS =
      """
      # comment
      sha256:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.
      sha512:$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.
      rounds:$6$rounds=1000$xyz$65ELfJXFY9CVU2.3nHlH8CN/n7NYcHnBLkrfS1Qll2Xpp9nHw1V6h.BSm0oyExW62BQwEm9ThMQtn18gGXODT.
      apache:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/
      md5:$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1
      bcrypt:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a
      plain:{plain}secret:ops, staff

      grüß:{plain}pass€:ops
      """;

  /** Users of whom no password was checked yet, each with the password "secret". */
  private static final String FRESH =
      IntStream.range(0, 200)
          .mapToObj(i -> "fresh" + i + ":{plain}secret\n")
          .collect(Collectors.joining());

  private static final String ROUTES =
      """
      users: [ 'BasicAuth=users, The realm' ]
      groups: [ { name: BasicAuth, args: { file: users, groups: [ ops, admin ] } } ]
      staff: [ { name: BasicAuth, args: { file: users, groups: 'staff' } } ]
      user: [ { name: BasicAuth, args: { file: users, forward: user } } ]
      none: [ { name: BasicAuth, args: { file: users, forward: none } } ]
      then: [ 'BasicAuth=users', 'Respond=200, in' ]
      twice: [ 'BasicAuth=users', 'BasicAuth=users, again' ]
      some: [ { name: BasicAuth, args: { file: users, forward: user }, when: 'query(auth)' } ]
      tarpit: [ 'BasicAuth=users', 'Tarpit=429, 5m' ]
      """;

  private static final AtomicInteger taken = new AtomicInteger();

  @AutoClose private static TestProxy proxy;
  private static Path users;
  private static final Passwords passwords = new Passwords();

  /** Runs tasks at once, unless a test holds or refuses them. */
  private static final class Passwords implements Executor {
    private final BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    private volatile boolean holds;
    private volatile boolean refuses;

    @Override
    public void execute(Runnable task) {
      if (refuses) {
        throw new RejectedExecutionException();
      }
      if (holds) {
        held.add(task);
      } else {
        new Thread(task).start();
      }
    }

    void awaitHeld(int count) {
      Await.until(count + " passwords wait", () -> held.size() == count);
    }

    void runOldest(int count) throws InterruptedException {
      for (int i = 0; i < count; i++) {
        held.take().run();
      }
    }

    void release() {
      holds = false;
      List<Runnable> tasks = new ArrayList<>();
      held.drainTo(tasks);
      tasks.forEach(Runnable::run);
    }
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    users = Files.writeString(folder.resolve("users"), USERS + FRESH);
    proxy =
        new TestProxy(
            TestProxy.application(new GuardRegistry(passwords)),
            folder,
            TestProxy.POOLS + "routes:\n" + TestProxy.named(ROUTES),
            TestProxy.tls(folder, "understudy.trusted-proxies=127.0.0.0/8"));
    proxy.requireLanesAsNamed();
  }

  @AfterEach
  void nothing_waits() {
    passwords.refuses = false;
    passwords.release();
  }

  private static String basic(String credentials) {
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }

  private static Response get(String path, String... headers) {
    try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
      List<String> all = new ArrayList<>(List.of("Host: a"));
      all.addAll(List.of(headers));
      return client.get(path, all.toArray(String[]::new));
    }
  }

  @EachWay
  void users_with_any_kind_of_hash_pass_and_others_get_401(String lane, Protocol protocol) {
    try (TestClient client = proxy.connect(protocol)) {
      for (String user :
          List.of("sha256", "sha512", "rounds", "apache", "md5", "bcrypt", "plain")) {
        for (int i = 0; i < 2; i++) {
          assertThat(client.get(lane + "users", "Host: a", basic(user + ":secret")).body())
              .as(user)
              .isEqualTo("server");
          assertThat(client.get(lane + "users", "Host: a", basic(user + ":Secret")).status())
              .as(user)
              .isEqualTo(401);
        }
      }
      assertThat(client.get(lane + "users", "Host: a", basic("grüß:pass€")).status())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-None: 1",
        "Authorization: Basic",
        "Authorization: Basic !!!",
        "Authorization: Bearer cGxhaW46c2VjcmV0",
        "Authorization: Basic cGxhaW5zZWNyZXQ=",
        "Authorization: Basic OnNlY3JldA==",
        "Authorization: Basic //86c2VjcmV0"
      })
  void a_request_without_good_credentials_gets_401_with_a_challenge(String header) {
    for (String lane : LANES) {
      Response refused = get(lane + "users", header);
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.header("www-authenticate"))
          .isEqualTo("Basic realm=\"The realm\", charset=\"UTF-8\"");
      assertThat(refused.header("content-type")).isEqualTo("application/problem+json");
      assertThat(refused.header("cache-control")).isEqualTo("no-store");
      assertThat(get(lane + "user", header).header("www-authenticate"))
          .isEqualTo("Basic realm=\"Restricted\", charset=\"UTF-8\"");
    }
  }

  /** Several credentials stand one after another. */
  @ParameterizedTest
  @CsvSource({
    "users, nobody:secret, 401",
    "users, plain:LONG, 401",
    "users, plain:secret plain:secret, 401",
    "users, plain:secret, 200",
    "groups, plain:secret, 200",
    "groups, grüß:pass€, 200",
    "groups, md5:secret, 401",
    "staff, plain:secret, 200",
    "staff, grüß:pass€, 401",
    "then, '', 401",
  })
  void users_and_groups_are_admitted_and_nobody_else(String path, String credentials, int status) {
    String[] fields =
        Stream.of(credentials.replace("LONG", "x".repeat(2_000)).split(" "))
            .filter(each -> !each.isEmpty())
            .map(BasicAuthTest::basic)
            .toArray(String[]::new);
    for (String lane : LANES) {
      assertThat(get(lane + path, fields).status()).isEqualTo(status);
    }
  }

  @EachLane
  void names_of_the_field_and_of_the_scheme_are_in_any_letters(String lane) {
    assertThat(get(lane + "users", "authorization: bASIC cGxhaW46c2VjcmV0").status())
        .isEqualTo(200);
  }

  @Test
  void an_unknown_user_costs_a_hash_as_a_known_one_does() {
    passwords.holds = true;
    try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
      client.request("GET", "/express/users", "Host: a", basic("unknown:1"));
      passwords.awaitHeld(1);
      passwords.release();
      assertThat(client.response().status()).isEqualTo(401);
    }
  }

  @EachLane
  void credentials_go_to_the_server_unless_the_filter_says_otherwise(String lane) {
    String credentials = basic("plain:secret");
    assertThat(head(lane + "users", credentials)).contains(credentials);
    assertThat(head(lane + "user", credentials, "X-Forwarded-User: root"))
        .doesNotContain("Authorization", "root")
        .containsIgnoringCase("x-forwarded-user: plain\r\n");
    assertThat(head(lane + "none", credentials, "X-Forwarded-User: root"))
        .doesNotContain("Authorization", "root");
  }

  @EachWay
  void a_name_that_a_client_made_up_reaches_no_server(String lane, Protocol protocol) {
    for (String target : List.of("some", "some?auth", "users", "none")) {
      int before = proxy.server.calls().size();
      try (TestClient client = proxy.connect(protocol)) {
        assertThat(
                client
                    .get(
                        lane + target,
                        "Host: a",
                        basic("plain:secret"),
                        "X-Forwarded-For: 192.0.2.1",
                        "X-Forwarded-User: root")
                    .status())
            .isEqualTo(200);
      }
      assertThat(proxy.server.calls().get(before).head())
          .as("a trusted proxy sent it")
          .contains("192.0.2.1")
          .as(target)
          .doesNotContain("root");
    }
  }

  private static String head(String path, String... headers) {
    int before = proxy.server.calls().size();
    assertThat(get(path, headers).status()).isEqualTo(200);
    return proxy.server.calls().get(before).head();
  }

  @EachLane
  void filters_after_it_run_for_admitted_requests(String lane) {
    assertThat(get(lane + "then", basic("md5:secret")).body()).isEqualTo("in");
  }

  @EachWay
  void a_body_that_arrives_while_the_password_is_checked_reaches_the_server(
      String lane, Protocol protocol) throws Exception {
    byte[] body = new byte[200_000];
    String credentials = fresh();
    passwords.holds = true;
    try (TestClient client = proxy.connect(protocol)) {
      Thread upload =
          new Thread(() -> client.request("POST", lane + "twice", body, "Host: a", credentials));
      upload.start();
      passwords.awaitHeld(1);
      passwords.release();
      assertThat(client.response("POST").status()).isEqualTo(200);
      upload.join();
    }
    assertThat(proxy.server.calls().getLast().body()).hasSize(body.length);
  }

  /** Credentials that were not checked yet. */
  private static String fresh() {
    return basic("fresh" + taken.getAndIncrement() + ":secret");
  }

  @EachLane
  void pipelined_requests_wait_for_the_first_and_get_their_responses_in_order(String lane) {
    passwords.holds = true;
    try (RawClient client = (RawClient) proxy.connect(Protocol.HTTP_1_1)) {
      String credentials = fresh();
      client.send(
          "GET %1$susers HTTP/1.1\r\nHost: a\r\n%2$s\r\n\r\n".formatted(lane, credentials)
              + "GET %1$sthen HTTP/1.1\r\nHost: a\r\n%2$s\r\n\r\n".formatted(lane, credentials)
              + "GET %1$sthen HTTP/1.1\r\nHost: a\r\n\r\n".formatted(lane));
      passwords.awaitHeld(1);
      passwords.release();
      assertThat(client.response().body()).isEqualTo("server");
      assertThat(client.response().body()).isEqualTo("in");
      assertThat(client.response().status()).isEqualTo(401);
    }
  }

  @EachWay
  void a_client_that_goes_away_meanwhile_reaches_no_server(String lane, Protocol protocol) {
    String credentials = fresh();
    passwords.holds = true;
    String target = lane + "users?gone-" + protocol;
    try (TestClient client = proxy.connect(protocol)) {
      client.begin("POST", target, 100_000, "Host: a", credentials);
      client.body(new byte[10_000]);
      passwords.awaitHeld(1);
      client.abort();
      assertThat(proxy.logged(target)).contains("end=CLIENT_GONE", "status=0");
    }
    passwords.release();
    assertThat(get(lane + "users", credentials).status()).isEqualTo(200);
    assertThat(proxy.server.calls()).noneMatch(call -> call.line().contains(target));
  }

  @EachWay
  void a_client_that_goes_away_ends_the_wait_of_a_response_after_it(
      String lane, Protocol protocol) {
    String target = lane + "tarpit?gone-" + protocol;
    try (TestClient client = proxy.connect(protocol)) {
      passwords.holds = true;
      client.request("GET", target, "Host: a", fresh());
      passwords.awaitHeld(1);
      passwords.release();
      // Its own response comes after the other's result, which is awaited on the same loop.
      client.abort();
      assertThat(proxy.logged(target)).contains("end=CLIENT_GONE", "status=0");
    }
  }

  @EachLane
  void a_stream_that_is_reset_meanwhile_leaves_the_others_alone(String lane) {
    String credentials = fresh();
    passwords.holds = true;
    try (TestClient client = proxy.connect(Protocol.HTTP_2)) {
      client.request("GET", lane + "users?other", "Host: a", credentials);
      passwords.awaitHeld(1);
      try (TestClient second = proxy.connect(Protocol.HTTP_2)) {
        second.request("GET", lane + "users?reset", "Host: a", credentials);
        second.abort();
      }
      passwords.release();
      assertThat(client.response().status()).isEqualTo(200);
    }
  }

  @Test
  void requests_with_the_same_credentials_wait_for_one_check() {
    String credentials = fresh();
    passwords.holds = true;
    List<TestClient> clients = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      TestClient client = proxy.connect(Protocol.HTTP_1_1);
      client.request("GET", LANES.get(i % 2) + "users", "Host: a", credentials);
      clients.add(client);
    }
    try (TestClient other = proxy.connect(Protocol.HTTP_1_1)) {
      other.request("GET", "/express/users", "Host: a", basic("bcrypt:no"));
      passwords.awaitHeld(2);
      passwords.release();
      assertThat(other.response().status()).isEqualTo(401);
    }
    clients.forEach(
        client -> {
          assertThat(client.response().status()).isEqualTo(200);
          client.close();
        });
  }

  @EachLane
  void too_many_waiting_passwords_are_refused_with_503_and_known_ones_pass(String lane) {
    String unknown = fresh();
    assertThat(get(lane + "users", basic("plain:secret")).status()).isEqualTo(200);
    int before = proxy.limited(Limit.PASSWORD_CHECKS);
    passwords.refuses = true;
    Response refused = get(lane + "users", unknown);
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("retry-after")).isEqualTo("1");
    assertThat(get(lane + "users", basic("plain:secret")).status()).isEqualTo(200);
    Await.until("it is counted", () -> proxy.limited(Limit.PASSWORD_CHECKS) == before + 1);
    passwords.refuses = false;
    assertThat(get(lane + "users", unknown).status()).isEqualTo(200);
  }

  @EachWay
  void a_flood_of_one_network_does_not_keep_another_out(String lane, Protocol protocol)
      throws Exception {
    int before = proxy.limited(Limit.PASSWORD_CHECKS);
    passwords.holds = true;
    try (TestClient one = proxy.connect(Protocol.HTTP_2);
        TestClient two = proxy.connect(Protocol.HTTP_2);
        TestClient user = proxy.connect(protocol)) {
      for (int i = 0; i < 80; i++) {
        for (TestClient each : List.of(one, two)) {
          String wrong = "plain:" + lane + protocol + i + (each == one);
          each.request(
              "GET", lane + "users", "Host: a", "X-Forwarded-For: 192.0.2.1", basic(wrong));
        }
      }
      Await.until("some wait", () -> proxy.limited(Limit.PASSWORD_CHECKS) == before + 32);
      passwords.awaitHeld(128);
      user.request("GET", lane + "users", "Host: a", "X-Forwarded-For: 198.51.100.1", fresh());
      Await.until("it waits", () -> proxy.limited(Limit.PASSWORD_CHECKS) == before + 33);
      passwords.runOldest(2);
      assertThat(user.response().status()).isEqualTo(200);
    }
    passwords.release();
  }

  @EachLane
  void a_network_does_not_wait_for_another_that_asked_for_the_same_user_before(String lane)
      throws Exception {
    passwords.holds = true;
    try (TestClient flood = proxy.connect(Protocol.HTTP_2);
        TestClient user = proxy.connect(Protocol.HTTP_1_1)) {
      String right = fresh();
      for (int i = 0; i < 20; i++) {
        String each = i < 19 ? basic("plain:" + lane + "same" + i) : right;
        flood.request("GET", lane + "users", "Host: a", "X-Forwarded-For: 192.0.2.1", each);
      }
      passwords.awaitHeld(20);
      user.request("GET", lane + "users", "Host: a", "X-Forwarded-For: 198.51.100.1", right);
      passwords.awaitHeld(21);
      passwords.runOldest(2);
      assertThat(user.response().status()).isEqualTo(200);
    }
    passwords.release();
  }

  @EachLane
  void a_body_that_breaks_http_is_refused(String lane) {
    passwords.holds = true;
    try (RawClient client = (RawClient) proxy.connect(Protocol.HTTP_1_1)) {
      client.send(
          "POST %susers HTTP/1.1\r\nHost: a\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
              .formatted(lane, fresh()));
      passwords.awaitHeld(1);
      if (lane.equals("/gateway/")) {
        passwords.release(); // Filters of the Gateway end before a refusal is written.
      }
      assertThat(client.response("POST").status()).isEqualTo(400);
    }
    passwords.release();
  }

  @Test
  void a_changed_file_is_in_force_at_once_and_a_bad_one_keeps_the_last_good_one()
      throws IOException {
    String credentials = fresh();
    assertThat(get("/express/users", credentials).status()).isEqualTo(200);
    try (LogCapture log = LogCapture.of("understudy.events", users.getParent().toString())) {
      Files.writeString(users, "one:{plain}1\n");
      Await.until("the file is in force", () -> get("/express/users", credentials).status() == 401);
      for (String lane : LANES) {
        assertThat(get(lane + "users", basic("one:1")).status()).isEqualTo(200);
        assertThat(get(lane + "users", basic("plain:secret")).status()).isEqualTo(401);
      }
      Files.writeString(users, "one:{plain}2\ntwo:not-a-hash\nthree\n");
      Await.until("it is refused", () -> said(log).contains("refused, nothing changed"));
      assertThat(said(log))
          .contains(
              "line 2 of the file: expected a hash that begins with",
              "line 3 of the file: expected user:hash")
          .doesNotContain("not-a-hash", "{plain}2");
      for (String lane : LANES) {
        assertThat(get(lane + "users", basic("one:1")).status()).isEqualTo(200);
        assertThat(get(lane + "users", basic("one:2")).status()).isEqualTo(401);
      }
    } finally {
      Files.writeString(users, USERS + FRESH);
    }
    Await.until(
        "the first users are back", () -> get("/express/users", credentials).status() == 200);
  }

  private static String said(LogCapture log) {
    return log.events().stream()
        .map(ILoggingEvent::getFormattedMessage)
        .collect(Collectors.joining("\n"));
  }

  @Tag(Extent.SLOW)
  @Test
  void a_stop_waits_for_the_check(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("users"), USERS + FRESH);
    for (String lane : LANES) {
      try (TestProxy stopping =
          new TestProxy(
              TestProxy.application(new GuardRegistry(passwords)),
              folder,
              TestProxy.POOLS + "routes:\n" + TestProxy.named("users: [ 'BasicAuth=users' ]"))) {
        passwords.holds = true;
        try (RawClient client = new RawClient(stopping.port())) {
          client.request("GET", lane + "users", "Host: a", basic("md5:secret"));
          passwords.awaitHeld(1);
          Thread close = new Thread(stopping::stop);
          close.start();
          Await.until(
              "it accepts no more",
              () -> {
                try {
                  new RawClient(stopping.port()).close();
                  return false;
                } catch (UncheckedIOException | IllegalStateException e) {
                  return true;
                }
              });
          passwords.release();
          Response last = client.response();
          assertThat(last.body()).isEqualTo("server");
          assertThat(last.header("connection")).isEqualTo("close");
          close.join();
        }
      }
    }
  }
}
