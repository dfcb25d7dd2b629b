package dev.understudy.agreement.etcd;

import static dev.understudy.agreement.etcd.FakeGateway.chunk;
import static dev.understudy.agreement.etcd.FakeGateway.empty;
import static dev.understudy.agreement.etcd.FakeGateway.error;
import static dev.understudy.agreement.etcd.FakeGateway.header;
import static dev.understudy.agreement.etcd.FakeGateway.respond;
import static dev.understudy.agreement.etcd.FakeGateway.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.understudy.agreement.register.HeardChanges;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a real etcd does not do on demand: its errors, its ends, and streams cut anywhere. */
class EtcdRegisterTest {
  private static final String RANGE = "/v3/kv/range";
  private static final String TXN = "/v3/kv/txn";
  private static final String WATCH = "/v3/watch";
  private static final String GRANT = "/v3/lease/grant";
  private static final String AUTH = "/v3/auth/authenticate";

  /** The longest there is, as a busy machine is no error of a member. */
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final RegisterDocument DOCUMENT =
      new RegisterDocument("sen2", 3, Instant.EPOCH, Instant.EPOCH, Map.of("reason", "Überfall"));

  private final List<AutoCloseable> open = new ArrayList<>();
  private final HeardChanges heard = new HeardChanges();

  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void writePassword() throws Exception {
    file = Files.writeString(folder.resolve("password"), "secret");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private FakeGateway gateway(FakeGateway.Script script) {
    FakeGateway gateway = new FakeGateway(script);
    open.add(gateway);
    return gateway;
  }

  private EtcdRegister register(String... urls) {
    return register(TIMEOUT, urls);
  }

  /** For calls that are to time out. */
  private EtcdRegister hasty(String... urls) {
    return register(Duration.ofSeconds(1), urls);
  }

  private EtcdRegister register(Duration timeout, String... urls) {
    return register(settings(timeout, EtcdSettings.DEFAULT_VOTER_TTL, null, urls));
  }

  private EtcdRegister register(EtcdSettings settings) {
    EtcdRegister register = new EtcdRegister(settings, null);
    open.add(register);
    return register;
  }

  private EtcdRegister withPassword(Path file, String... urls) {
    return register(settings(TIMEOUT, EtcdSettings.DEFAULT_VOTER_TTL, file, urls));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(2 * TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  private static RegisterException failure(CompletableFuture<?> future) {
    Throwable thrown = catchThrowable(() -> get(future));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    assertThat(thrown.getCause()).isInstanceOf(RegisterException.class);
    assertThat(thrown.getCause().getMessage()).doesNotContain("\n");
    return (RegisterException) thrown.getCause();
  }

  private static RegisterException failed(CompletableFuture<?> call, Reason reason, String said) {
    RegisterException failure = failure(call);
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
    assertThat(failure).hasMessageContaining(said);
    return failure;
  }

  private static CompletableFuture<Long> write(EtcdRegister register) {
    return register.compareAndSet(RegisterKey.pool("shop"), DOCUMENT, 7);
  }

  private static String base64(String text) {
    return EtcdJson.base64(text);
  }

  private static String pair(String key, long revision, String value) {
    return "{\"key\":\"%s\",\"mod_revision\":\"%d\",\"value\":\"%s\"}"
        .formatted(base64("/understudy/shop/" + key), revision, base64(value));
  }

  private static String put(String key, long revision, String holder) {
    return "{\"kv\":" + pair(key, revision, "{\"holder\":\"" + holder + "\"}") + "}";
  }

  private static String events(long revision, String... events) {
    return "{\"result\":{%s,\"events\":[%s]}}\n"
        .formatted(header(revision), String.join(",", events));
  }

  private static String created(long revision) {
    return "{\"result\":{" + header(revision) + ",\"created\":true}}\n";
  }

  private static FakeGateway.Script always(int status, String body) {
    return (request, connection) -> respond(connection, status, body);
  }

  /** From a status and a body, or a code and etcd's error, or from what else a member can do. */
  private static FakeGateway.Script script(String text) {
    Matcher error = Pattern.compile("(\\d+) (\\d+) (.*)").matcher(text);
    if (error.matches()) {
      return always(
          Integer.parseInt(error.group(1)),
          error(Integer.parseInt(error.group(2)), error.group(3)));
    }
    return switch (text) {
      case "silent" -> silent();
      case "ends" ->
          (request, connection) -> {
            stream(connection);
            chunk(connection, created(4));
            connection.send("0\r\n\r\n");
            connection.awaitEnd();
          };
      case "breaks" ->
          (request, connection) -> {
            stream(connection);
            chunk(connection, created(4) + "{\"result");
            connection.reset();
          };
      default ->
          always(
              Integer.parseInt(text.substring(0, 3)), text.substring(3).strip().replace('¶', '\n'));
    };
  }

  private static FakeGateway.Script silent() {
    return (request, connection) -> connection.awaitEnd();
  }

  /** Requests of that path have one script, all others another. */
  private static FakeGateway.Script of(
      String path, FakeGateway.Script script, FakeGateway.Script others) {
    return (request, connection) ->
        (request.path().equals(path) ? script : others).respond(request, connection);
  }

  private static FakeGateway.Script token() {
    return always(200, "{" + header(3) + ",\"token\":\"t\"}");
  }

  private static EtcdSettings settings(
      Duration timeout, Duration voterTtl, @Nullable Path password, String... urls) {
    String user = password == null ? null : "understudy";
    return new EtcdSettings(List.of(urls), "/understudy/shop/", user, password, timeout, voterTtl);
  }

  /** Answers a watch with these chunks and keeps it open. */
  private static FakeGateway.Script watching(String... chunks) {
    return (request, connection) -> {
      stream(connection);
      for (String chunk : chunks) {
        chunk(connection, chunk);
      }
      connection.awaitEnd();
    };
  }

  private void awaitLines(String... lines) {
    Await.until("the watch's news", () -> heard.lines().size() >= lines.length);
    assertThat(heard.lines()).containsExactly(lines);
  }

  // Calls

  @Test
  void a_listing_skips_foreign_keys_and_keeps_damaged_values_writable() throws Exception {
    String pairs =
        String.join(
            ",",
            pair("pool/shop", 7, "{\"schema\":9,\"holder\":\"sen2\",\"transitions\":3,\"new\":[]}"),
            pair("voter/a", 8, "edited by hand"),
            pair("pool/x", 9, "{\"transitions\":\"many\",\"attributes\":{\"a\":1,\"b\":\"c\"}}"),
            pair("notes/mine", 3, "x"),
            pair("pool/a/b", 4, "x"),
            pair("pool/", 5, "x"));
    FakeGateway gateway = gateway(always(200, "{" + header(9) + ",\"kvs\":[" + pairs + "]}"));
    var listing = get(register(gateway.url()).list());
    assertThat(listing.revision()).isEqualTo(9);
    assertThat(listing.entries())
        .extracting(entry -> entry.key() + " " + entry.revision() + " " + entry.document().holder())
        .containsExactly(
            RegisterKey.pool("shop") + " 7 sen2",
            RegisterKey.voter("a") + " 8 ",
            RegisterKey.pool("x") + " 9 ");
    assertThat(listing.entries().getFirst().document().transitions()).isEqualTo(3);
    assertThat(listing.entries().getLast().document().attributes())
        .containsExactly(Map.entry("b", "c"));
  }

  @Test
  void a_request_asks_members_to_fail_without_a_quorum() throws Exception {
    FakeGateway gateway = gateway(always(200, empty(1)));
    get(register(gateway.url() + "/").list());
    FakeGateway.Request request = gateway.requests(RANGE).getFirst();
    assertThat(request.header("grpc-metadata-hasleader")).isEqualTo("true");
    assertThat(request.header("authorization")).isEmpty();
    assertThat(request.body().path("key").stringValue()).isEqualTo(base64("/understudy/shop/"));
    assertThat(request.body().path("range_end").stringValue())
        .isEqualTo(base64("/understudy/shop0"));
  }

  @Test
  void a_deletion_of_what_is_not_there_is_done() throws Exception {
    String body = "{" + header(9) + ",\"responses\":[{\"response_range\":{}}]}";
    FakeGateway gateway = gateway(always(200, body));
    get(register(gateway.url()).delete(RegisterKey.pool("shop"), 7));
  }

  @Test
  void a_transaction_without_succeeded_is_a_conflict() {
    String range = "\"responses\":[{\"response_range\":{\"kvs\":[%s]}}]";
    String body = ("{%s," + range + "}").formatted(header(9), pair("pool/shop", 8, ""));
    EtcdRegister register = register(gateway(always(200, body)).url());
    failed(write(register), Reason.CONFLICT, "is at revision 8, expected revision 7");
    failed(register.delete(RegisterKey.pool("shop"), 7), Reason.CONFLICT, "");
  }

  /** Bodies that begin with a code are those of etcd's errors. */
  @Rows(
      """
      503 14 etcdserver: no leader                    | NOT_TAKEN
      503 14 etcdserver: request timed out            | UNCERTAIN
      504 4 context deadline exceeded                 | UNCERTAIN
      500 2 etcdserver: something new                 | UNCERTAIN
      429 8 etcdserver: too many requests             | NOT_TAKEN
      429 8 etcdserver: mvcc: database space exceeded | REFUSED
      403 7 etcdserver: permission denied             | REFUSED
      400 3 etcdserver: request is too large          | REFUSED
      400 3 etcdserver: user name is empty            | REFUSED
      401 16 etcdserver: invalid auth token           | REFUSED
      403 {"code":7,"message":"etcdserver: permission denied","details":[]} | REFUSED
      404 Not Found¶                                  | REFUSED
      502 <html>¶Bad Gateway</html>                   | UNCERTAIN
      429 slow down                                   | UNCERTAIN
      503                                               | UNCERTAIN
      200 <html>welcome</html>                        | UNCERTAIN
      200 {}                                          | UNCERTAIN
      200 []                                          | UNCERTAIN
      200                                               | UNCERTAIN
      200 {"header":{"revision":"x"}}                 | UNCERTAIN
      302                                               | UNCERTAIN
      """)
  void an_error_response(String response, Reason reason) {
    FakeGateway gateway = gateway(script(response));
    RegisterException failure = failed(write(register(gateway.url())), reason, "");
    assertThat(failure).hasMessageStartingWith("etcd at " + gateway.url() + ": ");
    assertThat(gateway.requests()).hasSize(1);
  }

  @Test
  void retry_after_is_handed_on() {
    FakeGateway gateway =
        gateway(
            (request, connection) -> respond(connection, 503, "Retry-After: 7\r\n", "overloaded"));
    assertThat(failure(register(gateway.url()).list()).retryAfter())
        .isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void a_transaction_without_response_is_uncertain_and_not_sent_twice() {
    FakeGateway gateway = gateway(silent());
    EtcdRegister register = hasty(gateway.url(), gateway.url());
    failed(write(register), Reason.UNCERTAIN, "no response within 1000 ms");
    assertThat(gateway.requests()).hasSize(1);
    Await.until("the connection is closed", () -> gateway.open() == 0);
  }

  @ParameterizedTest(name = "after {0} calls")
  @ValueSource(ints = {0, 1})
  void a_transaction_whose_connection_breaks_is_uncertain_and_not_sent_twice(int before)
      throws Exception {
    AtomicInteger count = new AtomicInteger();
    FakeGateway gateway =
        gateway(
            (request, connection) -> {
              if (count.getAndIncrement() == before) {
                connection.reset();
              } else {
                respond(connection, 200, empty(3));
              }
            });
    EtcdRegister register = register(gateway.url());
    for (int i = 0; i < before; i++) {
      get(register.list());
    }
    failed(write(register), Reason.UNCERTAIN, "");
    assertThat(gateway.requests(TXN)).hasSize(1);
  }

  @Test
  void many_calls_at_once_share_a_few_connections() throws Exception {
    FakeGateway gateway = gateway(always(200, empty(1)));
    EtcdRegister register = register(gateway.url());
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(register.list());
    }
    for (CompletableFuture<?> call : calls) {
      get(call);
    }
    assertThat(gateway.open()).isBetween(1, 8);
  }

  @Test
  void after_a_call_without_response_no_connection_from_before_is_used() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Set<Connection> before = ConcurrentHashMap.newKeySet();
    FakeGateway gateway =
        gateway(
            (request, connection) -> {
              if (before.contains(connection)) {
                connection.awaitEnd();
                return;
              }
              if (both.getCount() > 0) {
                before.add(connection);
                both.countDown();
                both.await();
              }
              respond(connection, 200, empty(1));
            });
    EtcdRegister register = hasty(gateway.url());
    CompletableFuture<?> first = register.list();
    CompletableFuture<?> second = register.list();
    get(first);
    get(second);
    failed(register.list(), Reason.UNCERTAIN, "");
    get(register.list());
  }

  // Members

  @ParameterizedTest
  @ValueSource(strings = {"refusing", "not taking connections", "without an address"})
  void a_member_that_cannot_be_reached_is_passed_over_in_the_same_call(String what)
      throws Exception {
    try (BlackHole hole = new BlackHole()) {
      String first =
          switch (what) {
            case "refusing" -> refusing();
            case "without an address" -> "http://nowhere.invalid:2379";
            default -> "http://127.0.0.1:" + hole.port();
          };
      FakeGateway second = gateway(always(200, empty(5)));
      Duration timeout = what.startsWith("not") ? Duration.ofSeconds(4) : TIMEOUT;
      EtcdRegister register = register(timeout, first, second.url());
      assertThat(get(register.list()).revision()).isEqualTo(5);
      assertThat(get(register.list()).revision()).isEqualTo(5);
    }
  }

  @Test
  void all_members_refuse() {
    failed(write(register(refusing(), refusing())), Reason.NOT_TAKEN, "refused");
  }

  @Rows(
      """
      a member without leader is left              | 503 14 etcdserver: no leader      | false
      a member that is silent is left              | silent                            | false
      a member is kept when the cluster refuses    | 403 7 etcdserver: permission denied | true
      """)
  void a_member_is_left_with_the_next_call_and_not_returned_to_or_kept(
      String name, String script, boolean kept) throws Exception {
    FakeGateway first = gateway(script(script));
    FakeGateway second = gateway(always(200, empty(5)));
    boolean silent = script.equals("silent");
    EtcdRegister register =
        silent ? hasty(first.url(), second.url()) : register(first.url(), second.url());
    assertThat(failure(register.list()).reason())
        .isEqualTo(kept ? Reason.REFUSED : silent ? Reason.UNCERTAIN : Reason.NOT_TAKEN);
    for (int i = 0; i < 2; i++) {
      if (kept) {
        failure(register.list());
      } else {
        get(register.list());
      }
    }
    assertThat(first.requests()).hasSize(kept ? 3 : 1);
    assertThat(second.requests()).hasSize(kept ? 0 : 2);
  }

  @Test
  void calls_that_fail_together_leave_their_member_once() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    FakeGateway first =
        gateway(
            (request, connection) -> {
              both.countDown();
              both.await();
              respond(connection, 503, error(14, "etcdserver: no leader"));
            });
    FakeGateway second = gateway(always(200, empty(5)));
    EtcdRegister register = register(first.url(), second.url());
    var one = register.list();
    var other = register.list();
    failure(one);
    failure(other);
    assertThat(get(register.list()).revision()).isEqualTo(5);
  }

  private static String refusing() {
    FakeGateway gone = new FakeGateway((request, connection) -> {});
    gone.close();
    return gone.url();
  }

  // Leases

  @Test
  void a_voters_lease_is_granted_once_and_granted_again_when_lost() throws Exception {
    AtomicInteger granted = new AtomicInteger();
    FakeGateway gateway =
        gateway(
            (request, connection) -> {
              if (request.path().equals(GRANT)) {
                grant(connection, granted.incrementAndGet());
              } else if (lease(request).equals("1") && granted(request) >= 7) {
                respond(connection, 404, error(5, "etcdserver: requested lease not found"));
              } else {
                respond(connection, 200, "{" + header(5) + ",\"succeeded\":true}");
              }
            });
    EtcdRegister register = register(gateway.url());
    RegisterKey voter = RegisterKey.voter("a");
    var first = register.compareAndSet(voter, DOCUMENT, 0);
    var second = register.compareAndSet(RegisterKey.voter("b"), DOCUMENT, 0);
    get(first);
    get(second);
    assertThat(granted.get()).isEqualTo(1);
    get(register.compareAndSet(RegisterKey.pool("p"), DOCUMENT, 0));
    assertThat(get(register.compareAndSet(voter, DOCUMENT, 7))).isEqualTo(5);
    assertThat(gateway.requests(TXN).stream().map(EtcdRegisterTest::lease))
        .containsExactlyInAnyOrder("1", "1", "0", "1", "2");
    assertThat(gateway.requests(GRANT).getFirst().body().path("TTL").stringValue()).isEqualTo("60");
  }

  private static void grant(Connection connection, int id) throws IOException {
    respond(connection, 200, "{%s,\"ID\":\"%d\",\"TTL\":\"60\"}".formatted(header(4), id));
  }

  private static long granted(FakeGateway.Request request) {
    return EtcdJson.number(request.body().path("compare").path(0), "mod_revision");
  }

  private static String lease(FakeGateway.Request request) {
    return EtcdJson.text(request.body().path("success").path(0).path("request_put"), "lease");
  }

  @Test
  void a_lease_that_cannot_be_granted_fails_the_write_within_its_time_out() {
    FakeGateway gateway = gateway(silent());
    failed(
        hasty(gateway.url()).compareAndSet(RegisterKey.voter("a"), DOCUMENT, 0),
        Reason.UNCERTAIN,
        "");
    assertThat(gateway.requests(TXN)).isEmpty();
  }

  @Test
  void a_lease_is_kept_alive_by_writes_and_forgotten_once_it_has_run_out() throws Exception {
    AtomicInteger granted = new AtomicInteger();
    FakeGateway gateway =
        gateway(
            (request, connection) -> {
              switch (request.path()) {
                case GRANT -> grant(connection, granted.incrementAndGet());
                case "/v3/lease/keepalive" -> {
                  stream(connection);
                  chunk(connection, "{\"result\":{" + header(4) + ",\"ID\":\"1\"}}\n");
                  connection.send("0\r\n\r\n");
                }
                default -> respond(connection, 200, "{" + header(5) + ",\"succeeded\":true}");
              }
            });
    EtcdRegister register = register(settings(TIMEOUT, Duration.ofSeconds(1), null, gateway.url()));
    Await.until(
        "the second lease",
        () -> {
          get(register.compareAndSet(RegisterKey.voter("a"), DOCUMENT, 0));
          return granted.get() > 1;
        });
    assertThat(gateway.requests("/v3/lease/keepalive").getFirst().body().path("ID").stringValue())
        .isEqualTo("1");
  }

  // Authentication

  private static FakeGateway.Script authenticated(AtomicInteger valid) {
    return (request, connection) -> {
      if (request.path().equals(AUTH)) {
        String password = EtcdJson.text(request.body(), "password");
        if (password.equals("secret" + valid.get())) {
          respond(connection, 200, "{%s,\"token\":\"token.%d\"}".formatted(header(3), valid.get()));
        } else {
          respond(
              connection,
              400,
              error(3, "etcdserver: authentication failed, invalid user ID or password"));
        }
      } else if (request.header("authorization").equals("token." + valid.get())) {
        respond(connection, 200, empty(3));
      } else {
        respond(connection, 401, error(16, "etcdserver: invalid auth token"));
      }
    };
  }

  @Test
  void a_token_is_asked_for_once_and_anew_with_the_password_of_then() throws Exception {
    Files.writeString(file, "secret1\n");
    AtomicInteger valid = new AtomicInteger(1);
    FakeGateway gateway = gateway(authenticated(valid));
    EtcdRegister register = withPassword(file, gateway.url());
    var first = register.list();
    var second = register.list();
    get(first);
    get(second);
    assertThat(gateway.requests(AUTH)).hasSize(1);

    valid.set(2);
    failed(register.list(), Reason.REFUSED, "authentication failed");

    Files.writeString(file, "secret2");
    get(register.list());

    valid.set(3);
    Files.writeString(file, "secret3");
    get(register.list());
  }

  @Test
  void a_token_that_is_never_accepted_is_renewed_once() throws Exception {
    FakeGateway gateway =
        gateway(of(AUTH, token(), always(401, error(16, "etcdserver: invalid auth token"))));
    EtcdRegister register = withPassword(file, gateway.url());
    failed(register.list(), Reason.REFUSED, "");
    assertThat(gateway.requests(RANGE)).hasSize(2);
  }

  @Test
  void a_missing_password_file_is_named() {
    failed(
        withPassword(folder.resolve("none"), "http://127.0.0.1:1").list(),
        Reason.REFUSED,
        "/none cannot be read: it does not exist");
  }

  @Test
  void a_cluster_without_authentication_is_used_without_token() throws Exception {
    FakeGateway.Script disabled =
        always(412, error(9, "etcdserver: authentication is not enabled"));
    FakeGateway gateway = gateway(of(AUTH, disabled, always(200, empty(3))));
    EtcdRegister register = withPassword(file, gateway.url());
    get(register.list());
    get(register.list());
    assertThat(gateway.requests(AUTH)).hasSize(1);
    assertThat(gateway.requests(RANGE).getFirst().header("authorization")).isEmpty();
  }

  @Test
  void a_watch_refused_for_its_token_is_begun_with_a_new_one() throws Exception {
    AtomicInteger tokens = new AtomicInteger();
    String refusal =
        "{\"result\":{%s,\"watch_id\":\"-1\",\"created\":true,\"canceled\":true,\"cancel_reason\":"
            + "\"rpc error: code = Unauthenticated desc = etcdserver: invalid auth token\"}}\n";
    FakeGateway.Script refused = watching(refusal.formatted(header(3)));
    FakeGateway.Script accepted = watching(created(3) + events(4, put("pool/a", 4, "x")));
    FakeGateway gateway =
        gateway(
            (request, connection) -> {
              if (request.path().equals(AUTH)) {
                String token = "{%s,\"token\":\"%d\"}";
                respond(connection, 200, token.formatted(header(3), tokens.incrementAndGet()));
              } else {
                boolean first = request.header("authorization").equals("1");
                (first ? refused : accepted).respond(request, connection);
              }
            });
    withPassword(file, gateway.url()).watch(3, heard);
    awaitLines("POOL a 4 x");
  }

  @Test
  void a_running_watch_that_loses_its_token_ends_and_reports_nothing_twice() throws Exception {
    String refusal =
        "{\"result\":{\"canceled\":true,\"cancel_reason\":\"etcdserver: invalid auth token\"}}";
    FakeGateway.Script watch = watching(created(3), events(4, put("pool/a", 4, "x")), refusal);
    FakeGateway gateway = gateway(of(AUTH, token(), watch));
    EtcdRegister register = withPassword(file, gateway.url());
    register.watch(3, heard);
    awaitLines("POOL a 4 x", "ended REFUSED");
    assertThat(gateway.requests(WATCH)).hasSize(1);
    // The next one asks for a token first.
    register.watch(4, new HeardChanges());
    Await.until("a new token", () -> gateway.requests(AUTH).size() == 2);
  }

  // Watches

  @Test
  void a_watch_begins_after_the_revision_and_asks_for_progress() {
    FakeGateway gateway = gateway(watching(created(41)));
    register(gateway.url()).watch(41, heard);
    Await.until("the request", () -> gateway.requests(WATCH).size() == 1);
    FakeGateway.Request request = gateway.requests(WATCH).getFirst();
    var create = request.body().path("create_request");
    assertThat(create.path("start_revision").stringValue()).isEqualTo("42");
    assertThat(create.path("key").stringValue()).isEqualTo(base64("/understudy/shop/"));
    assertThat(create.path("range_end").stringValue()).isEqualTo(base64("/understudy/shop0"));
    assertThat(create.path("progress_notify").booleanValue()).isTrue();
    assertThat(request.header("grpc-metadata-hasleader")).isEqualTo("true");
  }

  @Test
  void objects_are_split_wherever_chunks_end() {
    String text =
        created(3)
            + events(5, put("pool/a", 4, "x{\\\"}y"), put("voter/b", 5, "Ü"))
            + events(
                6,
                "{\"type\":\"DELETE\",\"kv\":{\"key\":\"%s\",\"mod_revision\":\"6\"}}"
                    .formatted(base64("/understudy/shop/pool/a")))
            + "{\"result\":{"
            + header(9)
            + "}}"
            + "\r\n \t{\"result\":{"
            + header(10)
            + ",\"note\":\"\\\\\\\"}{\"}}";
    String[] expected = {
      "POOL a 4 x{\"}y", "VOTER b 5 Ü", "deleted POOL a 6", "progress 9", "progress 10"
    };
    FakeGateway whole = gateway(watching(text));
    register(whole.url()).watch(3, heard);
    awaitLines(expected);

    HeardChanges bytes = new HeardChanges();
    FakeGateway cut = gateway(watching(text.split("")));
    register(cut.url()).watch(3, bytes);
    Await.until("the watch's news", () -> bytes.lines().size() >= expected.length);
    assertThat(bytes.lines()).containsExactly(expected);
  }

  /** A header with events is no progress, nor that of the watch's creation. */
  @Test
  void events_of_one_revision_are_all_reported_and_older_ones_never() {
    FakeGateway gateway =
        gateway(
            watching(
                created(12),
                events(
                    12, put("pool/old", 9, "x"), put("voter/a", 11, "x"), put("voter/b", 11, "x")),
                "{\"result\":{" + header(12) + "}}",
                events(12, put("pool/old", 12, "x"))));
    register(gateway.url()).watch(9, heard);
    awaitLines("VOTER a 11 x", "VOTER b 11 x", "progress 12");
  }

  /** A "+" is the message that the watch was created. */
  @Rows(
      """
      compacted                  | + {"result":{"header":{},"canceled":true,"compact_revision":"7"}} | GONE
      compacted, by its reason   | + {"result":{"canceled":true,"cancel_reason":"etcdserver: mvcc: required revision has been compacted"}} | GONE
      the store is behind        | {"result":{"header":{"cluster_id":"14841639068965178418","revision":"2"},"created":true}} | GONE
      no leader                  | + {"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader","http_status":"Service Unavailable"}} | NOT_TAKEN
      an error of later gateways | + {"error":{"code":7,"message":"etcdserver: permission denied"}} | REFUSED
      cancelled                  | + {"result":{"canceled":true}} | UNCERTAIN
      no permission              | {"result":{"created":true,"canceled":true,"cancel_reason":"etcdserver: permission denied"}} | REFUSED
      garbage                    | + garbage | UNCERTAIN
      an object that is none     | + {"result" 7} | UNCERTAIN
      a revision that is none    | + {"result":{"events":[{"kv":{"key":"L3VuZGVyc3R1ZHkvc2hvcC9wb29sL2E=","mod_revision":"five"}}]}} | UNCERTAIN
      a key that is no base64    | + {"result":{"events":[{"kv":{"key":"§","mod_revision":"9"}}]}} | UNCERTAIN
      huge                       | HUGE | UNCERTAIN
      """)
  void a_watch_ends(String name, String text, Reason reason) {
    String huge = "{\"result\":\"" + "x".repeat(17 * 1024 * 1024);
    String sent = text.replaceFirst("^\\+ ", created(9)).replaceFirst("^HUGE", huge);
    FakeGateway gateway = gateway(watching(sent));
    register(gateway.url()).watch(4, heard);
    awaitLines("ended " + reason);
    assertThat(heard.end()).hasMessageStartingWith("etcd at " + gateway.url() + ": ");
    assertThat(heard.end().getMessage()).doesNotContain("\n");
    Await.until("the connection is closed", () -> gateway.open() == 0);
  }

  @Test
  void another_cluster_than_the_listings_has_another_history() throws Exception {
    FakeGateway.Script other = watching(created(9).replace("14841639068965178418", "1"));
    FakeGateway gateway = gateway(of(RANGE, always(200, empty(4)), other));
    EtcdRegister register = register(gateway.url());
    get(register.list());
    register.watch(4, heard);
    awaitLines("ended GONE");
  }

  @Rows(
      """
      one that is never created        | silent                       | UNCERTAIN | no response within
      one that is refused by status    | 503 14 etcdserver: no leader | NOT_TAKEN | no leader
      one that is ended by the member  | ends                         | UNCERTAIN | ``
      one that is broken               | breaks                       | UNCERTAIN | ``
      """)
  void a_watch_ends_once(String name, String script, Reason reason, String why) {
    String url = gateway(script(script)).url();
    EtcdRegister register = script.equals("silent") ? hasty(url) : register(url);
    register.watch(4, heard);
    awaitLines("ended " + reason);
    assertThat(heard.end()).hasMessageContaining(why);
  }

  @Test
  void a_watch_goes_to_the_member_that_takes_connections() {
    FakeGateway second = gateway(watching(created(4), events(5, put("pool/a", 5, "x"))));
    register(refusing(), second.url()).watch(4, heard);
    awaitLines("POOL a 5 x");
  }

  @Test
  void a_silent_watch_outlives_the_time_out_of_calls() throws Exception {
    CompletableFuture<Void> speak = new CompletableFuture<>();
    FakeGateway gateway =
        gateway(
            of(
                RANGE,
                silent(),
                (request, connection) -> {
                  stream(connection);
                  chunk(connection, created(4));
                  speak.join();
                  chunk(connection, events(5, put("pool/a", 5, "x")));
                  connection.awaitEnd();
                }));
    EtcdRegister register = hasty(gateway.url());
    register.watch(4, heard);
    Await.until("the watch", () -> !gateway.requests(WATCH).isEmpty());
    // Two time-outs of a call, begun after the watch.
    failure(register.list());
    failure(register.list());
    assertThat(heard.lines()).isEmpty();
    speak.complete(null);
    awaitLines("POOL a 5 x");
  }

  @Test
  void a_closed_watch_gets_no_more_events_and_its_connection_ends() {
    FakeGateway gateway = gateway(watching(created(4), events(5, put("pool/a", 5, "x"))));
    var watch = register(gateway.url()).watch(4, heard);
    awaitLines("POOL a 5 x");
    watch.close();
    watch.close();
    Await.until("the connection is closed", () -> gateway.open() == 0);
    assertThat(heard.lines()).containsExactly("POOL a 5 x");
  }

  @Test
  void a_listener_that_fails_keeps_its_watch() {
    FakeGateway gateway =
        gateway(watching(created(4), events(6, put("pool/a", 5, "x"), put("pool/b", 6, "x"))));
    HeardChanges failing =
        new HeardChanges() {
          @Override
          public void changed(RegisterEntry entry) {
            super.changed(entry);
            throw new IllegalStateException("on purpose");
          }
        };
    register(gateway.url()).watch(4, failing);
    Await.until("both", () -> failing.lines().size() == 2);
  }

  // The end

  @Test
  void closing_ends_calls_watches_and_the_thread() {
    FakeGateway gateway = gateway(of(RANGE, silent(), watching(created(4))));
    Set<Thread> before = threads();
    EtcdRegister register = register(gateway.url());
    register.watch(4, heard);
    var call = register.list();
    Await.until("both", () -> gateway.requests().size() == 2);
    Set<Thread> threads = threads();
    threads.removeAll(before);
    assertThat(threads).isNotEmpty();
    register.close();
    failed(call, Reason.UNCERTAIN, "");
    failed(register.list(), Reason.UNCERTAIN, "");
    HeardChanges late = new HeardChanges();
    register.watch(4, late);
    assertThat(late.lines()).containsExactly("ended UNCERTAIN");
    Await.until("connections are closed", () -> gateway.open() == 0);
    Await.until("the thread has ended", () -> threads.stream().noneMatch(Thread::isAlive));
    assertThat(heard.lines()).isEmpty();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("understudy-agreement"))
        .collect(Collectors.toSet());
  }

  @Test
  void a_description_for_people() {
    assertThat(register("http://a:2379", "http://b:2379/").description())
        .isEqualTo("etcd at http://a:2379, http://b:2379, prefix /understudy/shop/");
  }

  @Rows(
      """
      record-0.9.0.json | sen1
      record-later.json | sen1
      """)
  void a_recorded_document_comes_back_with_the_fields_of_a_later_version(String file, String holder)
      throws Exception {
    JsonNode recorded =
        JsonMapper.shared()
            .readTree(Path.of("src/test/resources/dev/understudy/agreement", file).toFile());
    RegisterDocument read = EtcdDocumentCodec.read(recorded.toString());
    assertThat(read.holder()).isEqualTo(holder);
    JsonNode written = JsonMapper.shared().readTree(EtcdDocumentCodec.write(read));
    assertThat(EtcdDocumentCodec.read(written.toString())).isEqualTo(read);
    assertThat(written.path("lineage")).isEqualTo(recorded.path("lineage"));
    assertThat(written.path("attributes")).isEqualTo(recorded.path("attributes"));
  }

  @Test
  void documents_come_back_as_they_were_written() {
    RegisterDocument document =
        new RegisterDocument(
            "sen2",
            Long.MAX_VALUE,
            Instant.parse("2024-05-06T07:08:09.123456Z"),
            Instant.MAX,
            Map.of("votes", "a\n\"b\"\\ \u0000 Ü 😀", "empty", ""));
    assertThat(EtcdDocumentCodec.read(EtcdDocumentCodec.write(document))).isEqualTo(document);
    assertThat(new String(Base64.getDecoder().decode(EtcdJson.base64("Ü")))).isEqualTo("Ü");
  }
}
