package dev.understudy.agreement.kubernetes;

import static dev.understudy.agreement.kubernetes.ApiScript.endingWatch;
import static dev.understudy.agreement.kubernetes.ApiScript.event;
import static dev.understudy.agreement.kubernetes.ApiScript.respond;
import static dev.understudy.agreement.kubernetes.ApiScript.settings;
import static dev.understudy.agreement.kubernetes.ApiScript.status;
import static dev.understudy.agreement.kubernetes.ApiScript.statusObject;
import static dev.understudy.agreement.kubernetes.ApiScript.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.understudy.agreement.register.HeardChanges;
import dev.understudy.agreement.register.HeardChanges.Change;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an API server does not do on demand. */
class KubernetesFaultsTest {
  private static final RegisterKey POOL = RegisterKey.pool("sense");
  private static final RegisterDocument DOCUMENT =
      new RegisterDocument("master", 1, Instant.EPOCH, Instant.EPOCH, Map.of());

  private final List<AutoCloseable> opened = new ArrayList<>();
  private ApiScript script;
  private ScriptedServer server;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  /** Waits long for responses, as a busy machine may keep the script. */
  private Register register(Script... steps) {
    return open(playing(steps).withCallTimeout(Duration.ofSeconds(30)));
  }

  private KubernetesSettings playing(Script... steps) {
    script = ApiScript.of(steps);
    server = new ScriptedServer(script);
    opened.add(server);
    return settings("http", server.port(), null, null);
  }

  private Register open(KubernetesSettings settings) {
    Register register = new KubernetesRegister(settings);
    opened.add(0, register);
    return register;
  }

  static RegisterException failure(CompletableFuture<?> call) throws Exception {
    try {
      return fail("succeeded with " + call.get(20, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      RegisterException failure = (RegisterException) e.getCause();
      assertThat(failure.getMessage()).isNotBlank().doesNotContain("\n").hasSizeLessThan(700);
      return failure;
    }
  }

  private static void failed(CompletableFuture<?> call, Reason reason, String... said)
      throws Exception {
    RegisterException failure = failure(call);
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.getMessage()).contains(said);
  }

  private HeardChanges heard(Script... steps) {
    HeardChanges heard = new HeardChanges();
    register(steps).watch(7, heard);
    return heard;
  }

  private static RegisterException end(HeardChanges heard) {
    heard.awaitEnd();
    return heard.end();
  }

  @ParameterizedTest
  @CsvSource({
    "301, REFUSED", "400, REFUSED", "401, REFUSED", "403, REFUSED", "404, REFUSED",
    "409, CONFLICT", "413, REFUSED", "415, REFUSED", "422, REFUSED", "429, NOT_TAKEN",
    "500, UNCERTAIN", "502, UNCERTAIN", "503, UNCERTAIN", "504, UNCERTAIN"
  })
  void each_status_of_a_create_has_its_reason_and_the_api_s_message(int code, Reason reason)
      throws Exception {
    Register register = register(status(code, "Some", "said so\\nin two lines"));
    RegisterException failure = failure(register.compareAndSet(POOL, DOCUMENT, 0));
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.getMessage()).contains(code + " ", "said so in two lines");
    assertThat(failure.retryAfter()).isNull();
  }

  @Test
  void a_write_of_what_is_not_there_any_more_is_a_conflict() throws Exception {
    Register register = register(status(404, "NotFound", "leases u-pool-sense not found"));
    assertThat(failure(register.compareAndSet(POOL, DOCUMENT, 5)).reason())
        .isEqualTo(Reason.CONFLICT);
    assertThat(script.heads.get(0)).startsWith("PATCH ");
  }

  @ParameterizedTest
  @CsvSource({"429, 3, 3", "503, 1, 1", "429, soon, ", "429, -1, ", "429, 999999999, 3600"})
  void the_wait_that_is_asked_for_is_passed_on(int code, String field, Long seconds)
      throws Exception {
    Register register = register(status(code, "Busy", "busy", "Retry-After: " + field));
    assertThat(failure(register.list()).retryAfter())
        .isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
  }

  private static Script endless(String head) {
    return connection -> {
      connection.send("HTTP/1.1 200 OK\r\n\r\n" + head);
      byte[] part = "x".repeat(1024 * 1024).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 20; i++) {
        connection.socket().getOutputStream().write(part);
      }
      connection.awaitEnd();
    };
  }

  static Stream<Arguments> badLists() {
    String page = "<html>\r\n<body>" + "x".repeat(5000) + "</body>";
    Script unfinished =
        connection -> {
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
          connection.awaitEnd();
        };
    return Stream.of(
        Arguments.of(
            "a page of HTML is cut to one line",
            respond("502 Bad Gateway", page),
            List.of("502", "<html> <body>xxx", "…")),
        Arguments.of("a body without end is cut", endless(""), List.of("more than")),
        Arguments.of(
            "a server that never responds costs the time-out",
            (Script) Connection::awaitEnd,
            List.of("no response within 1000 ms")),
        Arguments.of(
            "a body that never ends costs the time-out",
            unfinished,
            List.of("no response within 1000 ms")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badLists")
  void a_list_that_fails_says_why(String name, Script step, List<String> said) throws Exception {
    boolean late = said.getFirst().startsWith("no response");
    Register register = late ? open(playing(step)) : register(step);
    failed(register.list(), Reason.UNCERTAIN, said.toArray(String[]::new));
  }

  @Rows(
      """
      {} | resourceVersion
      [] | resourceVersion
      not json | Unrecognized token
      {"metadata":{"resourceVersion":"abc"}} | abc
      {"metadata":{"resourceVersion":"0"}} | 0
      `` | resourceVersion
      """)
  void a_response_that_no_api_server_sends_is_reported(String body, String said) throws Exception {
    failed(
        register(respond("200 OK", body)).list(),
        Reason.UNCERTAIN,
        "does not come from a Kubernetes API",
        said);
  }

  @Test
  void leases_of_others_with_this_installations_labels_are_left_out() throws Exception {
    String list =
        "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":["
            + ApiScript.lease("sense", 5)
            + ",{\"metadata\":{\"name\":\"other\",\"resourceVersion\":\"6\"}}]}";
    Register register = register(respond("200 OK", list));
    assertThat(register.list().get(20, TimeUnit.SECONDS).entries()).hasSize(1);
  }

  /** A person's note, and what a later version or another program may add. */
  @Test
  void annotations_of_others_are_written_again() {
    LeaseFormat format = new LeaseFormat(settings("http", 1, null, null));
    JsonNode lease =
        JsonMapper.shared()
            .readTree(
                ApiScript.lease("sense", 5)
                    .replace(
                        "\"uid\"",
                        "\"annotations\":{\"example.com/ticket\":\"42\",\"note\":\"mine\","
                            + "\"understudy.dev/note\":\"ours\"},\"uid\""));
    RegisterDocument document = Objects.requireNonNull(format.entry(lease)).document();
    assertThat(document.attributes())
        .isEqualTo(Map.of("/example.com/ticket", "42", "/note", "mine", "note", "ours"));
    JsonNode patch = JsonMapper.shared().readTree(format.replacement(POOL, document, 5));
    JsonNode written = null;
    for (JsonNode each : patch) {
      written = each.path("path").asString().endsWith("annotations") ? each : written;
    }
    assertThat(Objects.requireNonNull(written).path("value"))
        .isEqualTo(lease.at("/metadata/annotations"));
  }

  @Test
  void a_network_that_swallows_all_costs_the_time_out() throws Exception {
    try (BlackHole nowhere = new BlackHole()) {
      Register register = open(settings("http", nowhere.port(), null, null));
      assertThat(failure(register.list()).reason()).isEqualTo(Reason.NOT_TAKEN);
      HeardChanges heard = new HeardChanges();
      register.watch(7, heard);
      assertThat(end(heard).reason()).isEqualTo(Reason.UNCERTAIN);
    }
  }

  @Test
  void a_connection_refused_takes_nothing_and_says_where() throws Exception {
    ScriptedServer gone = new ScriptedServer(connection -> {});
    gone.close();
    Register register = open(settings("http", gone.port(), null, null));
    failed(
        register.compareAndSet(POOL, DOCUMENT, 0), Reason.NOT_TAKEN, "refused", ":" + gone.port());
  }

  @Test
  void a_write_whose_connection_breaks_is_uncertain_and_not_repeated() throws Exception {
    Register register = register(Connection::reset);
    failed(register.compareAndSet(POOL, DOCUMENT, 0), Reason.UNCERTAIN, "");
    assertThat(script.heads).hasSize(1);
  }

  @Test
  void more_calls_than_may_wait_fail_at_once() throws Exception {
    Register register = register(Connection::awaitEnd);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      calls.add(register.list());
    }
    failed(calls.get(599), Reason.NOT_TAKEN, "too many calls");
  }

  @Test
  void a_watch_asks_for_bookmarks_from_its_revision() {
    heard(watch(event("ADDED", "sense", 8))).awaitChanges(1);
    assertThat(script.heads.get(0))
        .startsWith("GET /apis/coordination.k8s.io/v1/namespaces/shop/leases?labelSelector=")
        .contains("resourceVersion=7", "allowWatchBookmarks=true", "timeoutSeconds=");
    assertThat(script.header(0, "Authorization")).isNull();
  }

  private static Script failingWatch(String before, int code, String reason, String message) {
    String status = statusObject(code, reason, message);
    return watch(before, "{\"type\":\"ERROR\",\"object\":" + status + "}\n");
  }

  static Stream<Arguments> ends() {
    Script broken =
        connection -> {
          connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          connection.reset();
        };
    return Stream.of(
        Arguments.of(
            "an error 410 means gone",
            failingWatch(event("ADDED", "sense", 8), 410, "Expired", "too old: 7 (90)"),
            Reason.GONE,
            "^too old: 7 \\(90\\)$"),
        Arguments.of(
            "a status 410 means gone", status(410, "Gone", "too old"), Reason.GONE, "too old"),
        Arguments.of(
            "another error is uncertain, with its message",
            failingWatch(" ", 500, "Timeout", "etcd is away"),
            Reason.UNCERTAIN,
            "etcd is away"),
        Arguments.of("one whose connection breaks", broken, Reason.UNCERTAIN, "."),
        Arguments.of("an object without end", endless("{\""), Reason.UNCERTAIN, "more than"),
        Arguments.of(
            "an end by the server",
            endingWatch(event("MODIFIED", "sense", 8)),
            Reason.UNCERTAIN,
            "ended the watch"),
        Arguments.of(
            "one that is turned away, with the time to come again",
            status(429, "Busy", "busy", "Retry-After: 2"),
            Reason.NOT_TAKEN,
            "429"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ends")
  void a_watch_reports_its_end(String name, Script step, Reason reason, String said) {
    HeardChanges heard = heard(step);
    RegisterException why = end(heard);
    assertThat(why.reason()).isEqualTo(reason);
    assertThat(why.getMessage()).containsPattern(said);
    assertThat(why.retryAfter()).isEqualTo(said.equals("429") ? Duration.ofSeconds(2) : null);
    assertThat(heard.changes()).hasSize(said.startsWith("ended") || said.startsWith("^") ? 1 : 0);
  }

  @Test
  void lines_come_whole_however_they_are_cut() {
    String all = event("ADDED", "ä→🎭".toLowerCase(), 8) + "\n" + event("DELETED", "b", 9);
    byte[] bytes = all.getBytes(StandardCharsets.UTF_8);
    String[] single = new String[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      single[i] = String.valueOf((char) (bytes[i] & 0xff));
    }
    String whole = new String(bytes, StandardCharsets.ISO_8859_1);
    for (HeardChanges heard : List.of(heard(watch(single)), heard(watch(whole)))) {
      heard.awaitChanges(2);
      assertThat(heard.changes().get(0).key()).isEqualTo(RegisterKey.pool("ä→🎭"));
      assertThat(heard.changes().get(1)).isEqualTo(new Change(RegisterKey.pool("b"), 9, null));
    }
  }

  @Test
  void a_bookmark_is_progress() {
    HeardChanges heard = heard(watch(event("BOOKMARK", "", 41)));
    Await.until("progress", () -> heard.progress() == 41);
    assertThat(heard.changes()).isEmpty();
  }

  @Test
  void watch_events_of_other_leases_are_ignored() {
    HeardChanges heard =
        heard(watch(event("ADDED", "a", 8).replace("u-pool-a", "v"), event("ADDED", "b", 9)));
    heard.awaitChanges(1);
    assertThat(heard.changes().get(0).key()).isEqualTo(RegisterKey.pool("b"));
  }

  @Rows(
      """
      not json
      {}
      {"type":"PERHAPS"}
      {"type":"BOOKMARK"}
      {"type":"ADDED","object":{"metadata":{"name":"u-pool-a"}}}
      [1]
      null
      """)
  void rubbish_ends_the_watch(String line) {
    RegisterException why = end(heard(watch(line + "\n")));
    assertThat(why.reason()).isEqualTo(Reason.UNCERTAIN);
    assertThat(why.getMessage()).contains("does not come from a Kubernetes API");
  }

  @Test
  void a_closed_watch_gives_its_connection_back() {
    HeardChanges heard = new HeardChanges();
    Register.Watch watch = register(watch(event("ADDED", "a", 8))).watch(7, heard);
    heard.awaitChanges(1);
    watch.close();
    Await.until("the connection ends", () -> server.open() == 0);
    assertThat(heard.end()).isNull();
  }

  @Test
  void closing_ends_calls_watches_connections_and_the_thread() throws Exception {
    HeardChanges heard = new HeardChanges();
    Set<Thread> before = threads();
    Register register = register(watch(event("ADDED", "a", 8)), Connection::awaitEnd);
    register.watch(7, heard);
    heard.awaitChanges(1);
    Set<Thread> threads = threads();
    threads.removeAll(before);
    assertThat(threads).isNotEmpty();
    CompletableFuture<?> call = register.list();
    register.close();
    assertThat(failure(call).getMessage()).contains("closed");
    Await.until("the connections end", () -> server.open() == 0);
    Await.until("the thread ends", () -> threads.stream().noneMatch(Thread::isAlive));
    assertThat(heard.end()).isNull();
  }

  @Test
  void a_call_that_waited_for_a_connection_in_vain_ends_on_the_register_s_thread()
      throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    AtomicReference<String> thread = new AtomicReference<>();
    Register register =
        open(
            playing(
                status(503, "Busy", "not warm yet"),
                connection -> {
                  called.await();
                  status(503, "Busy", "busy").run(connection);
                },
                Connection::awaitEnd));
    failure(register.list());
    // The thread is held from the next response on, for longer than a call may take.
    CompletableFuture<?> held =
        register.list().whenComplete((listing, failure) -> awaitQuietly(ended));
    CompletableFuture<?> last = null;
    for (int i = 0; i < 40; i++) {
      last =
          register
              .list()
              .whenComplete((listing, failure) -> thread.set(Thread.currentThread().getName()));
    }
    last = last.whenComplete((listing, failure) -> ended.countDown());
    called.countDown();
    failure(last);
    assertThat(thread.get()).startsWith("understudy-agreement");
    assertThat(held).isDone();
  }

  private static boolean awaitQuietly(CountDownLatch latch) {
    try {
      return latch.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("understudy-agreement"))
        .collect(Collectors.toSet());
  }

  @Test
  void announcements_wait_for_each_other_and_calls_for_none_of_them() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    Register register =
        register(
            connection -> {
              if (script.heads.getLast().startsWith("GET")) {
                status(503, "Busy", "as the test wants").run(connection);
              } else {
                free.await();
                status(201, "Created", "done").run(connection);
              }
            });
    for (int i = 0; i < 100; i++) {
      register.announce(POOL, "Switched", "x", false);
    }
    Await.until("as many as may be under way", () -> script.heads.size() == 2);
    assertThat(failure(register.list()).getMessage()).contains("as the test wants");
    free.countDown();
    Await.until("all are written", () -> script.heads.size() == 101);
  }

  @Test
  void announcements_that_are_refused_disturb_nothing() {
    Register register = register(status(403, "Forbidden", "no"));
    for (int i = 0; i < 20; i++) {
      register.announce(POOL, "Switched", "x", false);
    }
    Await.until("each was tried", () -> script.heads.size() == 20);
    assertThat(script.heads).allMatch(head -> head.startsWith("POST /api/v1/namespaces/shop/ev"));
  }

  @Test
  void after_a_call_without_response_no_connection_from_before_is_used() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Script once =
        connection -> {
          both.countDown();
          both.await();
          String body = ApiScript.EMPTY_LIST;
          connection.send(
              "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
          connection.awaitEnd();
        };
    Register register =
        open(
            playing(once, once, respond("200 OK", ApiScript.EMPTY_LIST))
                .withCallTimeout(Duration.ofMillis(500)));
    CompletableFuture<?> first = register.list();
    CompletableFuture<?> second = register.list();
    first.get(20, TimeUnit.SECONDS);
    second.get(20, TimeUnit.SECONDS);
    assertThat(failure(register.list()).reason()).isEqualTo(Reason.UNCERTAIN);
    register.list().get(20, TimeUnit.SECONDS);
  }
}
