package dev.understudy.hook;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.TestPools;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hooks that are called for real: over HTTP, and as programs. */
class HookRunnerTest {
  @RegisterExtension
  static final WireMockExtension SERVER =
      WireMockExtension.newInstance().options(options().dynamicPort()).build();

  @TempDir Path directory;

  private HookRunner runner() {
    return runner(new RunningCalls(() -> false));
  }

  private HookRunner runner(RunningCalls running) {
    return new HookRunner(
        directory,
        settings -> {
          throw new IllegalStateException("no https here");
        },
        running);
  }

  private static SslContext client(boolean verifies) {
    SslContextBuilder builder = SslContextBuilder.forClient();
    try {
      return verifies
          ? builder.build()
          : builder.trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  private HookResult call(Hook hook, Duration within) {
    return runner().call(made(hook, within)).join();
  }

  private static HookCall made(Hook hook, Duration within) {
    return made(hook, true, within);
  }

  private static HookCall made(Hook hook, boolean promote, Duration within) {
    return made("sense", hook, promote, within);
  }

  private static HookCall made(String name, Hook hook, boolean promote, Duration within) {
    Pool pool =
        TestPools.pool(new PoolId(name))
            .master("a", 8001)
            .backup("b", 8002)
            .hooks(new HookSettings(hook, hook))
            .build();
    return new HookCall(
        pool,
        promote,
        Objects.requireNonNull(pool.server(new ServerId("b"))),
        new ServerId("a"),
        new ServerId("b"),
        7,
        Instant.ofEpochMilli(42),
        SwitchReason.OPERATOR,
        "a planned switch",
        new Operator("alice", "disk \"swap\""),
        true,
        false,
        within);
  }

  private HookResult call(Hook hook) {
    return call(hook, Duration.ofSeconds(30));
  }

  private static Hook url(String path, String... header) {
    return hook("http://{server.host}:" + SERVER.getPort() + path, header);
  }

  private static Hook hook(String url, String... header) {
    Map<String, String> headers = header.length == 0 ? Map.of() : Map.of(header[0], header[1]);
    return new Hook(url, List.of(), headers, Duration.ofSeconds(20), false);
  }

  private static Hook command(String... command) {
    return command(Duration.ofSeconds(20), command);
  }

  private static Hook command(Duration timeout, String... command) {
    return new Hook(null, List.of(command), Map.of(), timeout, false);
  }

  private void program(String name, String script) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static void assertResult(HookResult result, Call outcome, String detail) {
    assertThat(result.outcome()).isEqualTo(outcome);
    assertThat(result.detail()).isEqualTo(detail);
  }

  private String problem(Hook hook) {
    return runner().problem(made(hook, Duration.ofSeconds(30))).join();
  }

  @Test
  void what_is_wrong_with_a_hook_is_known_before_it_is_called() throws IOException {
    program("there", "exit 1");
    Files.writeString(directory.resolve("text"), "no program");

    assertThat(problem(url("/"))).isEmpty();
    assertThat(problem(command("there"))).isEmpty();
    assertThat(problem(command("text", "argument")))
        .isEqualTo("text: expected an executable file in " + directory);
    assertThat(problem(hook("http://none.invalid/"))).startsWith("no address for none.invalid");
    SERVER.verify(0, postRequestedFor(anyUrl()));
  }

  @Test
  void a_server_is_told_all_facts_of_the_switch() {
    SERVER.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(204)));

    HookResult result = call(url("/{pool}/{server.name}/{server.port}", "X-Token", "s3cret"));

    assertResult(result, Call.DONE, "status 204");
    SERVER.verify(
        1,
        postRequestedFor(urlEqualTo("/" + TestPools.POOL + "/b/8002"))
            .withHeader("Content-Type", equalTo("application/json"))
            .withHeader("Understudy-Epoch", equalTo("7"))
            .withHeader("Idempotency-Key", equalTo(TestPools.POOL + "/b/7/promote/42"))
            .withHeader("X-Token", equalTo("s3cret"))
            .withRequestBody(
                equalToJson(
                    """
                    {"pool":"%s","hook":"promote","server":"b","from":"a","to":"b","epoch":7,
                     "reason":"OPERATOR","evidence":"a planned switch","operator":"alice",
                     "operatorReason":"disk \\"swap\\"","planned":true,"acceptLoss":false}
                    """
                        .formatted(TestPools.POOL))));
  }

  @Test
  void a_preview_hides_what_may_be_a_secret() {
    Hook request = url("/{server.name}?key=s3cret", "X-Token", "s3cret");
    HookInvocation.Http shown =
        (HookInvocation.Http) HookInvocation.masked(made(request, Duration.ofSeconds(1)));
    assertThat(shown.url()).hasToString("http://127.0.0.1:" + SERVER.getPort() + "/b?***");
    assertThat(shown.headers())
        .containsEntry("X-Token", "***")
        .containsEntry("Understudy-Epoch", "7");
    assertThat(shown.body()).contains("\"server\":\"b\"");

    Hook program =
        command(
            "promote",
            "--host",
            "s3cret",
            "{server.name}",
            "--key=s3cret",
            "--at={pool}/{server.name}",
            "postgresql://s3cret:s3cret@{server.host}/db");
    HookInvocation.Command run =
        (HookInvocation.Command) HookInvocation.masked(made(program, Duration.ofSeconds(1)));
    assertThat(run.program()).isEqualTo("promote");
    assertThat(run.arguments())
        .containsExactly("--host", "***", "b", "--key=***", "--at=sense***b", "***127.0.0.1***");
    assertThat(run.environment()).containsEntry("UNDERSTUDY_SERVER", "b");
  }

  @ParameterizedTest
  @CsvSource({
    "200, DONE",
    "202, DONE",
    "301, REFUSED",
    "307, REFUSED",
    "404, REFUSED",
    "500, REFUSED",
    "503, REFUSED"
  })
  void any_2xx_is_success_and_no_redirect_is_followed(int status, Call outcome) {
    SERVER.stubFor(
        post(anyUrl())
            .willReturn(
                aResponse()
                    .withStatus(status)
                    .withHeader("Location", "/elsewhere")
                    .withBody("it says\nwhy " + "x".repeat(10_000))));

    HookResult result = call(url("/promote"));

    assertThat(result.outcome()).isEqualTo(outcome);
    assertThat(result.detail())
        .startsWith("status " + status + ": it says")
        .hasLineCount(1)
        .hasSizeLessThan(300);
    SERVER.verify(1, postRequestedFor(anyUrl()));
  }

  @Test
  void a_server_that_does_not_listen_has_not_been_told() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertResult(call(hook("http://127.0.0.1:" + port)), Call.REFUSED, "connection refused");
  }

  @Test
  void a_server_that_does_not_respond_in_time_or_resets_may_have_been_told() {
    SERVER.stubFor(post(anyUrl()).willReturn(aResponse()));
    assertThat(call(url("/promote")).outcome()).isEqualTo(Call.DONE); // The client is loaded.
    SERVER.stubFor(post(anyUrl()).willReturn(aResponse().withFixedDelay(60_000)));
    HookResult result = call(url("/promote"), Duration.ofSeconds(5));
    assertResult(result, Call.UNCERTAIN, "no response within 5000 ms");

    SERVER.stubFor(
        post(anyUrl()).willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
    assertThat(call(url("/promote")).outcome()).isEqualTo(Call.UNCERTAIN);
  }

  /** Records that are none of TLS, before the handshake or behind it. */
  @Rows(
      """
      no TLS at all is before the request          | false | before    | REFUSED
      a certificate that is not trusted likewise   | true  | handshake | REFUSED
      behind the request it may have had an effect | false | request   | UNCERTAIN
      """)
  void a_failure_of_tls_before_the_request_was_sent_is_told_from_one_after_it(
      String says, boolean verifies, String fails, Call outcome) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new Certificates(directory).issue("b").toKeyManagerFactory().getKeyManagers(), null, null);
    ScriptedServer.Script script =
        connection -> {
          if (!fails.equals("before")) {
            Socket raw = connection.socket();
            SSLSocket secure =
                (SSLSocket) context.getSocketFactory().createSocket(raw, null, false);
            new ScriptedServer.Connection(secure).readHead();
          }
          connection.send("this is no TLS");
          connection.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(script)) {
      HookRunner runner =
          new HookRunner(directory, settings -> client(verifies), new RunningCalls(() -> false));
      Hook hook = hook("https://127.0.0.1:" + server.port());
      HookResult result = runner.call(made(hook, Duration.ofSeconds(30))).join();
      assertThat(result.outcome()).as(result.detail()).isEqualTo(outcome);
    }
  }

  @Rows(
      """
      a promotion waits for no fences           | false | true  | same  | DONE
      a fence waits for no promotions           | true  | false | same  | DONE
      a fence waits for none of another host    | false | false | other | DONE
      a promotion for none of another host      | true  | true  | other | DONE
      a fence waits for those of its host       | false | false | same  | REFUSED
      a promotion for those of its host         | true  | true  | same  | REFUSED
      """)
  void a_call_waits_for_no_calls_of_the_other_kind_nor_of_another_host_that_hang(
      String says, boolean hung, boolean next, String host, Call outcome) throws IOException {
    SERVER.stubFor(post(anyUrl()).willReturn(aResponse()));
    HookRunner runner = runner();
    List<Socket> running = new ArrayList<>();
    try (ServerSocket silent = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + silent.getLocalPort();
      Hook slow = new Hook(url, List.of(), Map.of(), Duration.ofMinutes(10), false);
      for (int i = 0; i < HookPlaces.MOST_OF_HOST; i++) {
        var unused = runner.call(made("slow" + i, slow, hung, Duration.ofMinutes(10)));
        running.add(silent.accept());
      }
      boolean other = host.equals("other");
      Hook quick = hook("http://" + (other ? "localhost" : "127.0.0.1") + ":" + SERVER.getPort());
      Duration within = outcome == Call.DONE ? Duration.ofSeconds(30) : Duration.ofMillis(100);
      HookResult result = runner.call(made(quick, next, within)).join();
      assertThat(result.outcome()).as(result.detail()).isEqualTo(outcome);
      if (outcome == Call.REFUSED) {
        assertThat(result.detail()).contains("found no place");
        SERVER.verify(0, postRequestedFor(anyUrl()));
        CompletableFuture<HookResult> later =
            runner.call(made(quick, next, Duration.ofSeconds(30)));
        running.getFirst().close();
        assertThat(later.join().outcome()).isEqualTo(Call.DONE);
      }
    } finally {
      for (Socket each : running) {
        each.close();
      }
    }
  }

  @Rows(
      """
      a call of the other kind waits for it     | sense | false | false | REFUSED
      a call of the same kind likewise          | sense | true  | false | REFUSED
      a call of another pool does not           | other | true  | false | DONE
      a call of the process before is waited for | sense | true  | true  | REFUSED
      """)
  void one_hook_of_a_pool_runs_at_a_server_at_a_time(
      String says, String name, boolean promote, boolean before, Call outcome) throws IOException {
    SERVER.stubFor(post(anyUrl()).willReturn(aResponse()));
    AtomicBoolean predecessor = new AtomicBoolean(before);
    RunningCalls known = new RunningCalls(predecessor::get);
    RunningCalls earlier = before ? new RunningCalls(() -> false) : known;
    HookRunner runner = runner(known);
    try (ServerSocket silent = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      Hook slow = hook("http://127.0.0.1:" + silent.getLocalPort());
      CompletableFuture<HookResult> first =
          runner(earlier).call(made("sense", slow, true, Duration.ofMinutes(10)));
      try (Socket running = silent.accept()) {
        if (before) {
          known.take(earlier.text());
        }
        Duration within = outcome == Call.DONE ? Duration.ofSeconds(30) : Duration.ofMillis(100);
        HookResult result = runner.call(made(name, url("/"), promote, within)).join();
        assertThat(result.outcome()).as(result.detail()).isEqualTo(outcome);
        if (outcome == Call.DONE) {
          return;
        }
        assertThat(result.detail()).isEqualTo("another hook ran at this server the whole time");
        CompletableFuture<HookResult> later =
            runner.call(made(name, url("/"), promote, Duration.ofSeconds(30)));
        if (before) {
          predecessor.set(false); // It was killed, and could not tell.
        } else {
          running.close();
          first.join();
        }
        assertThat(later.join().outcome()).isEqualTo(Call.DONE);
      }
    }
  }

  @Test
  void a_call_that_has_not_begun_when_the_next_process_takes_over_is_its_own() throws IOException {
    SERVER.stubFor(post(anyUrl()).willReturn(aResponse()));
    AtomicReference<String> told = new AtomicReference<>();
    RunningCalls running = new RunningCalls(() -> false);
    HookRunner runner = runner(running);
    try (ServerSocket silent = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      Hook slow = hook("http://127.0.0.1:" + silent.getLocalPort());
      CompletableFuture<HookResult> first = runner.call(made(slow, Duration.ofMinutes(10)));
      try (Socket unused = silent.accept()) {
        CompletableFuture<HookResult> waits = runner.call(made(url("/"), Duration.ofMinutes(10)));
        running.handOver(() -> told.set(running.text()));
        CompletableFuture<HookResult> late = runner.call(made(url("/"), Duration.ofMinutes(10)));
        String detail = "the next process of this replica calls hooks now";
        assertResult(waits.join(), Call.REFUSED, detail);
        assertResult(late.join(), Call.REFUSED, detail);
        assertThat(running.isRunning()).isTrue();
      }
      first.join();
    }
    SERVER.verify(0, postRequestedFor(anyUrl()));
    assertThat(running.isRunning()).isFalse();
    assertThat(told.get()).isEqualTo(new RunningCalls(() -> false).text());
  }

  @Test
  void what_a_process_before_runs_is_passed_on_to_the_next_but_one() throws Exception {
    AtomicBoolean first = new AtomicBoolean(true);
    RunningCalls a = new RunningCalls(() -> false);
    RunningCalls b = new RunningCalls(first::get);
    RunningCalls c = new RunningCalls(() -> true);
    HookCall call = made(url("/"), Duration.ofMinutes(1));
    a.begin(call, Duration.ZERO);
    a.handOver(() -> b.take(a.text()));
    b.take(a.text());
    b.handOver(() -> c.take(b.text()));
    c.take(b.text());
    assertThat(b.isRunning()).as("so that it does not end before").isTrue();
    assertThat(c.begin(call, Duration.ZERO)).isNull();
    a.ended(call);
    assertThat(c.begin(call, Duration.ZERO)).isNotNull();
    c.ended(call);

    RunningCalls killed = new RunningCalls(() -> false);
    killed.begin(call, Duration.ZERO);
    b.take(killed.text());
    assertThat(c.begin(call, Duration.ZERO)).isNull();
    first.set(false);
    assertThat(b.isRunning()).isFalse();
    assertThat(c.begin(call, Duration.ZERO)).isNotNull();
  }

  // A long output ends in "…": all of it is read, and its beginning is shown.
  @Rows(
      """
      no shell reads a program's arguments     | echo "$#" "$1" "$2"; cat | DONE | exit status 0: 2 b;id $(id)
      a program has the switch in its environment | echo $UNDERSTUDY_POOL $UNDERSTUDY_HOOK $UNDERSTUDY_SERVER $UNDERSTUDY_FROM $UNDERSTUDY_TO | DONE | exit status 0: POOL promote b a b
      and how it came to it                    | echo $UNDERSTUDY_EPOCH $UNDERSTUDY_REASON $UNDERSTUDY_OPERATOR $UNDERSTUDY_PLANNED $UNDERSTUDY_ACCEPT_LOSS | DONE | exit status 0: 7 OPERATOR alice true false
      a program that fails refuses             | echo no >&2; echo; echo lag; exit 3 | REFUSED | exit status 3: no lag
      a long output is read and cut            | echo begin; i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done | DONE | exit status 0: begin…
      """)
  void a_program_is_run(String says, String script, Call outcome, String detail)
      throws IOException {
    program("promote", script);
    HookResult result = call(command("promote", "{server.name};id", "$(id)"));
    assertThat(result.outcome()).isEqualTo(outcome);
    if (detail.endsWith("…")) {
      assertThat(result.detail()).startsWith(detail.replace("…", "")).hasSizeLessThan(300);
    } else {
      assertThat(result.detail()).isEqualTo(detail.replace("POOL", TestPools.POOL.value()));
    }
  }

  @Test
  void a_program_is_killed_at_its_time_out_with_all_that_it_started() throws IOException {
    program(
        "promote", "sleep 600 & echo $! > " + directory.resolve("child") + "; echo waits; wait");

    HookResult result = call(command(Duration.ofMillis(500), "promote"));

    assertThat(result.outcome()).isEqualTo(Call.UNCERTAIN);
    assertThat(result.detail()).startsWith("killed after 500 ms");
    long child = Long.parseLong(Files.readString(directory.resolve("child")).strip());
    Await.until(
        "its child is gone",
        () -> ProcessHandle.of(child).map(handle -> !handle.isAlive()).orElse(true));
  }

  @ParameterizedTest
  @CsvSource({
    "absent, an executable file in", "data, an executable file in",
    "folder, an executable file in", "outside, an executable file in",
    "good,"
  })
  void only_an_executable_file_of_the_directory_is_run(String name, @Nullable String problem)
      throws IOException {
    program("good", "exit 0");
    Files.writeString(directory.resolve("data"), "no program");
    Files.createDirectory(directory.resolve("folder"));
    Files.createSymbolicLink(directory.resolve("outside"), Path.of("/bin/true"));

    String found = HookCommand.problem(directory, name);

    assertThat(found == null ? "" : found).startsWith(problem == null ? "" : problem);
    assertThat(call(command(name)).outcome()).isEqualTo(problem == null ? Call.DONE : Call.REFUSED);
    assertThat(HookCommand.problem(null, name))
        .isEqualTo("no command, as understudy.hooks.directory is not set");
  }
}
