package dev.understudy.command.client;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.put;
import static com.github.tomakehurst.wiremock.client.WireMock.putRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.requestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import dev.understudy.status.StatusText;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each command prints and how it ends, for the responses of a scripted replica. */
class ClientCommandsTest {
  private static final WireMockServer REPLICA = new WireMockServer(options().dynamicPort());

  private static final String WELL = servedByA(server("a", "master", "UP", true));
  private static final String DEGRADED =
      pool(
          "shop",
          "degraded",
          1,
          "\"a is DOWN: connection refused\"",
          "\"b\"",
          server("a", "master", "DOWN", false),
          server("b", "backup", "UP", true));
  private static final String NOBODY =
      pool(
          "docs",
          "nobody",
          3,
          "\"every server is DOWN\"",
          "null",
          server("a", "master", "DOWN", false));

  private static final String TWO =
      servedByA(server("a", "master", "UP", true), server("b", "backup", "UP", false));

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    REPLICA.start();
  }

  @AfterAll
  static void stop() {
    REPLICA.stop();
  }

  @BeforeEach
  void reset() {
    REPLICA.resetAll();
  }

  private static String pool(
      String name,
      String condition,
      int severity,
      String cause,
      String serving,
      String... servers) {
    return """
    {"name":"%s","mode":"failover","condition":"%s","severity":%d,"cause":%s,"serving":%s,
     "epoch":3,"since":"2026-11-21T17:59:00Z","reason":"FAILBACK","reasonText":"failback: a better rank returned","evidence":"a: UP for 30 s","requestsPerSecond":12.34,
     "errorsPerSecond":0.1,"held":0,"servers":[%s]}
    """
        .formatted(name, condition, severity, cause, serving, String.join(",", servers));
  }

  private static String servedByA(String... servers) {
    return pool("cart", "well", 0, "null", "\"a\"", servers);
  }

  private static String server(String name, String rank, String status, boolean serving) {
    return """
    {"name":"%s","url":"http://%s.test:80","rank":"%s","status":"%s","state":"ready","serving":%s,
     "usable":%s,"circuitOpen":false,"requestsPerSecond":1.5,"p99Millis":9.04,"inFlight":2,
     "responses":{"1xx":0,"2xx":1.4,"3xx":0,"4xx":0,"5xx":0.1,"none":0.2},
     "lastProbe":{"at":"2026-11-21T18:00:00Z","tookMillis":1.0,"outcome":"OK","detail":"status 200"},"lastProbeText":"good: status 200"}
    """
        .formatted(name, name, rank, status, serving, status.equals("UP"));
  }

  private static void overview(String... pools) {
    respond(
        "/api/overview",
        """
        {"replica":"proxy-0","now":"2026-11-21T18:00:00Z","version":"1.0","startedAt":"2026-11-21T13:00:00Z",
         "totals":{"requestsPerSecond":12.3,"errorsPerSecond":0.1,"held":0,"tunnels":5},
         "config":{"file":"gateway.yaml","appliedAt":"2026-11-21T17:00:00Z","fingerprint":"0123456789ab","rejected":false,"problems":0},
         "agreement":{"mode":"standalone","replicas":1,"inTouch":1,"contact":true},
         "pools":[%s]}
        """
            .formatted(String.join(",", pools)));
  }

  private static void pools(String... pools) {
    respond("/api/pools", "{\"pools\":[" + String.join(",", pools) + "]}");
  }

  private static void respond(String url, String document) {
    REPLICA.stubFor(get(urlEqualTo(url)).willReturn(okJson(document)));
  }

  private static void respond(ResponseDefinitionBuilder always) {
    REPLICA.stubFor(any(anyUrl()).willReturn(always));
  }

  private static ResponseDefinitionBuilder problem(int status, String detail) {
    return aResponse()
        .withStatus(status)
        .withHeader("Content-Type", "application/problem+json")
        .withBody("{\"status\":" + status + ",\"detail\":\"" + detail + "\"}");
  }

  private static CommandRun run(String line, String... more) {
    return CommandRun.at(REPLICA.baseUrl(), line, more);
  }

  /** It ends with that status, has printed that and no error. */
  private static void assertRun(String line, int status, String out) {
    assertThat(run(line)).isEqualTo(new CommandRun(status, out, ""));
  }

  /** With the token that is {@code secret}. */
  private CommandRun write(String line) throws IOException {
    return run(
        line, "--token-file=" + Files.writeString(folder.resolve("token"), " secret\n").toString());
  }

  private static List<Arguments> statuses() {
    return List.of(
        arguments(
            0,
            List.of(WELL),
            """
            proxy-0: 1 pool: 1 well, 0 degraded, 0 nobody
            POOL  CONDITION  SERVING  SINCE  CAUSE
            cart  well       a        1m0s
            """),
        arguments(
            1,
            List.of(WELL, DEGRADED),
            """
            proxy-0: 2 pools: 1 well, 1 degraded, 0 nobody
            POOL  CONDITION  SERVING  SINCE  CAUSE
            shop  degraded   b        1m0s   a is DOWN: connection refused
            cart  well       a        1m0s
            """),
        arguments(
            2,
            List.of(WELL, DEGRADED, NOBODY),
            """
            proxy-0: 3 pools: 1 well, 1 degraded, 1 nobody
            POOL  CONDITION  SERVING  SINCE  CAUSE
            docs  nobody     -        1m0s   every server is DOWN
            shop  degraded   b        1m0s   a is DOWN: connection refused
            cart  well       a        1m0s
            """));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statuses")
  void status_lists_the_worst_pool_first_with_its_cause_and_its_condition_is_the_exit_status(
      int status, List<String> pools, String out) {
    overview(pools.toArray(String[]::new));
    assertRun("status", status, out);
  }

  @Rows(
      """
      ``           | (nobody)
      "10.0.0.0/8" | (allowed)
      """)
  void a_pool_in_maintenance_is_no_pool_that_is_served(String allow, String serving) {
    String maintained =
        WELL.replace(
            "\"well\",\"severity\":0,\"cause\":null",
            "\"degraded\",\"severity\":1,\"cause\":\"in maintenance, by"
                + " alice\",\"maintenance\":{\"allow\":["
                + allow
                + "]}");
    overview(maintained);
    respond("/api/pools/cart", maintained);

    CommandRun all = run("status");
    assertThat(all.status()).isOne();
    assertThat(all.out())
        .startsWith("proxy-0: 1 pool: 0 well, 0 degraded, 0 nobody, 1 in maintenance\n")
        .contains("\ncart  maintenance  " + serving + " ");
    CommandRun one = run("status cart");
    assertThat(one.status()).isOne();
    assertThat(one.out()).startsWith("cart: maintenance; behind it, a serves for 1m0s");
  }

  @Test
  void a_file_that_was_refused_is_shown_with_its_problems_and_is_not_well() {
    overview(WELL);
    String reply = REPLICA.getStubMappings().getFirst().getResponse().getBody();
    respond(
        "/api/overview",
        reply.replace("\"rejected\":false,\"problems\":0", "\"rejected\":true,\"problems\":11"));
    respond("/api/config", "{\"problems\":[" + "\"g.yaml:3: p\",".repeat(10) + "\"g.yaml:9: q\"]}");

    CommandRun run = run("status");
    assertThat(run.status()).isOne();
    assertThat(run.out())
        .contains(
            "the last file was refused, the one before is in force: 11 problems\n  g.yaml:3: p\n",
            "and 1 more\nPOOL ")
        .doesNotContain("q");
    assertThat(run("status --all").out()).contains("  g.yaml:9: q\n");
  }

  @Test
  void a_state_file_that_cannot_be_written_is_shown_and_is_not_well() {
    overview(WELL);
    String reply = REPLICA.getStubMappings().getFirst().getResponse().getBody();
    String alarm =
        "\"alarms\":[{\"kind\":\"state-unwritten\",\"message\":\"it is in memory only\"}],";
    respond("/api/overview", reply.replace("\"pools\":[", alarm + "\"pools\":["));

    CommandRun run = run("status");
    assertThat(run.status()).isOne();
    assertThat(run.out()).contains("\nit is in memory only\nPOOL ");
  }

  @Rows(
      """
      drain shop b --durable                   | {"state":"drain","durable":true}
      ready shop b --durable                   | {"state":"ready","durable":true}
      maintenance shop b --durable             | {"state":"maintenance","durable":true}
      maintenance --pool shop --force --durable | {"state":"maintenance","force":true,"durable":true}
      ready --pool shop --durable              | {"state":"ready","durable":true}
      switch shop b --durable                  | {"to":"b","durable":true}
      switch shop b --planned --durable        | {"to":"b","planned":true,"durable":true}
      """)
  void a_change_that_is_in_memory_only_is_said_to_be_and_may_be_asked_for_as_durable(
      String line, String body) throws IOException {
    String unkept = "\"inMemoryOnly\":\"the disk is full\"";
    String changed = "{\"changed\":true," + unkept + ",\"pool\":" + DEGRADED + "}";
    REPLICA.stubFor(any(anyUrl()).willReturn(okJson(changed)));
    if (line.contains("planned")) {
      switches("shop", planned("MOVED", false));
      REPLICA.stubFor(
          post(urlEqualTo("/api/pools/shop/switch"))
              .willReturn(
                  okJson(planned("PAUSING", true).replaceFirst("\\{", "{" + unkept + ","))));
    }
    assertThat(write(line).out())
        .contains("in memory only, a restart of this replica forgets it: the disk is full\n");
    REPLICA.verify(
        1,
        requestedFor(line.startsWith("switch") ? "POST" : "PUT", anyUrl())
            .withRequestBody(equalToJson(body)));
  }

  /** As a variable without a value leaves it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "drain shop ",
        "maintenance  a",
        "ready shop ",
        "drain --host ",
        "maintenance --pool ",
        "switch shop ",
        "switch  auto",
        "switch --planned --host "
      })
  void an_empty_name_is_refused_before_anything_is_sent(String line) {
    CommandRun run = CommandRun.of(List.of(line.split(" ", -1)));
    assertThat(run).returns(2, CommandRun::status).returns("", CommandRun::out);
    assertThat(run.err()).contains("expected a name, found an empty text").hasLineCount(1);
  }

  @Rows(
      """
      events -n 5000              | limit: expected a whole number   | --limit: expected a whole number (400)
      switch shop Nope            | to: expected the name of a server | SERVER: expected the name of a server (400)
      maintenance --pool s --until x | until: expected a time        | --until: expected a time (400)
      drain shop a                | a is the only one; \\"force\\": true does it anyway | a is the only one; --force does it anyway (400)
      """)
  void a_refusal_names_options_instead_of_fields(String line, String detail, String said) {
    respond(problem(400, detail));
    assertThat(run(line).err()).isEqualTo("understudy: " + said + "\n");
  }

  @Test
  @Tag(Extent.SLOW)
  void status_only_counts_pools_that_are_well_when_there_are_many() {
    List<String> pools = new ArrayList<>(List.of(DEGRADED));
    for (int i = 0; i < StatusText.ALL_UP_TO; i++) {
      pools.add(WELL.replace("cart", "cart" + i));
    }
    overview(pools.toArray(String[]::new));
    assertThat(run("status").out())
        .contains("21 pools: 20 well", "shop", "--all")
        .doesNotContain("cart");
    assertThat(run("status --all").out()).contains("shop", "cart0", "cart19");
  }

  @Test
  @Tag(Extent.SLOW)
  void status_ends_with_3_when_the_condition_is_unknown() {
    overview(WELL, DEGRADED.replace("degraded", "floating"));
    CommandRun run = run("status");
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.out()).contains("2 pools: 1 well, 0 degraded, 0 nobody, 1 unknown");
  }

  @Test
  @Tag(Extent.SLOW)
  void status_of_one_pool_shows_its_servers_and_the_switch_that_is_scheduled() {
    overview(WELL, DEGRADED);
    respond("/api/pools/shop", DEGRADED);
    String out =
        """
        shop: degraded, b serves for 1m0s, epoch 3, failback: a better rank returned (a: UP for 30 s)
          a is DOWN: connection refused
          SERVER  ROLE    STATUS  STATE  SERVES  LAST PROBE
          a       master  DOWN    ready  -       good: status 200
          b       backup  UP      ready  yes     good: status 200
        """;
    assertRun("status shop", 1, out);

    String scheduled =
        DEGRADED.substring(0, DEGRADED.lastIndexOf('}'))
            + """
            ,"planned":{"to":"a","phase":"SCHEDULED","at":"2026-11-25T22:00:00Z","operator":"alice",
              "reason":"disk swap"}}
            """;
    respond("/api/pools/shop", scheduled);
    assertThat(run("status shop").out())
        .containsPattern(
            "\n"
                + "  a planned switch to a is scheduled for 2026-11-25T22:00:00Z, by alice: disk"
                + " swap\n");

    respond("/api/pools/shop", scheduled.replace("SCHEDULED", "GIVEN_UP"));
    assertThat(run("status shop").out()).doesNotContain("planned");

    respond(
        "/api/pools/shop",
        DEGRADED
            .replace("\"reasonText\":\"failback: a better rank returned\",", "")
            .replace(",\"lastProbeText\":\"good: status 200\"", ""));
    assertThat(run("status shop").out())
        .as("an older replica without words shows its codes")
        .contains("epoch 3, FAILBACK", "OK status 200");
  }

  @Test
  void late_checks_are_told_of_the_replica_and_of_a_server() {
    String unchecked =
        DEGRADED.replace(
            "\"status\":\"UP\"",
            "\"checks\":{\"newest\":\"2026-11-21T17:56:48Z\",\"late\":true},\"status\":\"UP\"");
    overview(WELL, unchecked);
    String reply = REPLICA.getStubMappings().getFirst().getResponse().getBody();
    String checks =
        "\"checks\":{\"servers\":4,\"late\":1,\"oldest\":\"2026-11-21T17:56:48Z\",\"stretch\":2.44},";
    respond("/api/overview", reply.replace("\"pools\":[", checks + "\"pools\":["));
    respond("/api/pools/shop", unchecked);

    assertThat(run("status").out())
        .contains(
            "\n"
                + "checks are late: 1 of 4 servers, one of them not checked for 3m12s; intervals"
                + " are 2.44 times as long\n"
                + "POOL ");
    assertThat(run("status shop").out())
        .contains(
            "  b       backup  UP?     ready  yes     good: status 200 (late: not checked for"
                + " 3m12s)\n");
  }

  @Test
  void json_is_the_apis_own_document_whatever_is_in_it() {
    String document = "{\"pools\":[],\"new\":{\"é\":1.50}}";
    respond("/api/overview", document);
    assertRun("status -o json", 0, document + "\n");
  }

  @Test
  void escape_sequences_of_others_do_not_reach_the_terminal() {
    overview(DEGRADED.replace("connection refused", "\\u001b[2Jgone\\nb"));
    assertThat(run("status").out())
        .contains("a is DOWN: \\u001b[2Jgone\\u000ab")
        .doesNotContain("\u001b");
  }

  /** Each command, what its refusal with that status is worth as an exit status. */
  @ParameterizedTest
  @CsvSource({
    "status, 401, 3",
    "status shop, 400, 3",
    "top, 401, 1",
    "events, 503, 1",
    "events -f, 400, 1",
    "routes, 401, 1",
    "diagnose -, 401, 1",
    "switch shop a, 409, 1",
    "switch shop auto, 401, 1",
    "drain shop a, 403, 1",
    "maintenance shop a, 409, 1",
    "ready shop a, 503, 1"
  })
  @Tag(Extent.SLOW)
  void a_refusal_is_one_line_with_the_problems_detail_and_so_is_a_replica_that_is_not_there(
      String line, int status, int exit) throws IOException {
    respond(problem(status, "Because of that."));
    CommandRun run = run(line);
    assertThat(run).returns(exit, CommandRun::status).returns("", CommandRun::out);
    assertThat(run.err()).startsWith("understudy: Because of that. (" + status).hasLineCount(1);
    assertThat(run.err().contains("see --token-file")).isEqualTo(status == 401);

    String nowhere;
    try (ServerSocket socket = new ServerSocket(0)) {
      nowhere = "http://127.0.0.1:" + socket.getLocalPort();
    }
    String said = "understudy: cannot reach " + nowhere + ": Connection refused\n";
    assertThat(CommandRun.at(nowhere, line)).isEqualTo(new CommandRun(3, "", said));
  }

  /** Each change, however it is asked for. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "switch shop a",
        "switch shop auto",
        "switch shop a --planned",
        "switch shop a --planned --at 2027-01-31T22:00:00Z",
        "switch shop --give-up",
        "drain shop a",
        "maintenance shop a",
        "maintenance --pool shop --force",
        "ready shop a",
        "ready --pool shop"
      })
  @Tag(Extent.SLOW)
  void a_change_of_which_it_is_not_known_whether_it_was_made_has_an_exit_status_of_its_own(
      String line) {
    respond(problem(504, "It is not known."));
    assertThat(run(line)).isEqualTo(new CommandRun(4, "", "understudy: It is not known. (504)\n"));

    respond(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));
    CommandRun run = run(line);
    assertThat(run).returns(4, CommandRun::status).returns("", CommandRun::out);
    assertThat(run.err())
        .startsWith("understudy: It is not known whether the change was made: ")
        .endsWith(". Look at the pool with understudy status before you ask again.\n")
        .hasLineCount(1);
  }

  private static final String COMMANDS =
      """
      status, status shop, status -o json, top, events, events -f, routes, routes -o json, \
      diagnose -, switch shop a, drain shop a, maintenance shop a, ready shop a\
      """;

  @Rows(
      """
      200 | ``
      200 | <html>
      200 | {}
      200 | [1]
      200 | "ok"
      200 | {"pools":{},"events":{},"changed":1}
      200 | {"pools":[{}],"changed":true,"pool":{}}
      204 | ``
      302 | <html>
      404 | <html>
      404 | {"error":"Not Found"}
      404 | {"detail":"No static resource."}
      500 | {"error":"x"}
      """)
  @Tag(Extent.SLOW)
  void another_program_on_that_port_is_not_taken_for_a_replica(int status, String body) {
    respond(aResponse().withStatus(status).withHeader("Location", "/x").withBody(body));
    for (String line : COMMANDS.split(", ")) {
      CommandRun run = run(line);
      assertThat(run).as(line).returns(3, CommandRun::status).returns("", CommandRun::out);
      assertThat(run.err())
          .as(line)
          .contains(
              "responded with status " + status + ", but not as Understudy's management API does")
          .hasLineCount(1);
    }
  }

  @Test
  @Tag(Extent.SLOW)
  void a_pool_that_a_replica_does_not_have_is_refused_by_it() {
    overview(WELL);
    pools(WELL);
    REPLICA.stubFor(any(urlPathMatching("/api/pools/.+")).willReturn(problem(404, "No pool.")));
    String said = "understudy: No pool. (404)\n";
    assertThat(run("switch nope a")).isEqualTo(new CommandRun(1, "", said));
    assertThat(run("status nope")).isEqualTo(new CommandRun(3, "", said));
  }

  @Rows(
      """
      {"url":"http://db-1:8081/demote","headers":{"X-Token":"***","Understudy-Epoch":"8"},"body":"{}","program":null,"arguments":[],"environment":{},"problem":null} | 0 | POST http://db-1:8081/demote; X-Token: ***; Understudy-Epoch: 8; ; {}
      {"url":null,"headers":{},"body":null,"program":"demote","arguments":["--now","a"],"environment":{"UNDERSTUDY_EPOCH":"8"},"problem":"an executable file in /hooks"} | 1 | demote --now a;   UNDERSTUDY_EPOCH=8; It cannot be called: expected an executable file in /hooks
      """)
  @Tag(Extent.SLOW)
  void a_hook_is_only_shown_as_the_request_or_the_program_that_it_is(
      String document, int status, String lines) {
    respond("/api/pools/shop/servers/a/hooks/demote", document);
    assertRun("hook shop demote a", status, lines.replace("; ", "\n") + "\n");
  }

  @Test
  void a_broken_connection_is_no_response_and_a_write_is_not_sent_again() {
    respond(aResponse().withFault(Fault.EMPTY_RESPONSE));
    assertThat(run("switch shop b").status()).isEqualTo(4);
    REPLICA.verify(1, anyRequestedFor(anyUrl()));
    CommandRun run = run("routes");
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err())
        .startsWith("understudy: cannot reach " + REPLICA.baseUrl() + ": ")
        .hasLineCount(1);
  }

  @Rows(
      """
      switch shop b --reason=why         | POST | /api/pools/shop/switch          | {"to":"b","reason":"why"}
      switch shop auto                   | POST | /api/pools/shop/switch          | {"to":"auto"}
      drain shop b                       | PUT  | /api/pools/shop/servers/b/state | {"state":"drain"}
      drain shop b --force --reason=why  | PUT  | /api/pools/shop/servers/b/state | {"state":"drain","force":true,"reason":"why"}
      maintenance shop b --force         | PUT  | /api/pools/shop/servers/b/state | {"state":"maintenance","force":true}
      ready shop b                       | PUT  | /api/pools/shop/servers/b/state | {"state":"ready"}
      ready --pool=shop --reason=why     | PUT  | /api/pools/shop/state           | {"state":"ready","reason":"why"}
      maintenance --pool shop            | PUT  | /api/pools/shop/state           | {"state":"maintenance"}
      maintenance --pool shop --force    | PUT  | /api/pools/shop/state           | {"state":"maintenance","force":true}
      maintenance --pool=shop --for=30m  | PUT  | /api/pools/shop/state           | {"state":"maintenance","for":"30m"}
      maintenance --pool shop --until 2027-01-31T22:00:00Z --allow 10.0.0.0/8 --allow ::1,192.0.2.1 | PUT | /api/pools/shop/state | {"state":"maintenance","until":"2027-01-31T22:00:00Z","allow":["10.0.0.0/8","::1","192.0.2.1"]}
      drain a/b ü                        | PUT  | /api/pools/a%2Fb/servers/%C3%BC/state | {"state":"drain"}
      """)
  void a_write_sends_what_it_says_with_the_token(
      String line, String method, String path, String body) throws IOException {
    String pool = DEGRADED.replace("17:59:00Z", "17:59:00.123456Z");
    respond(okJson("{\"changed\":true,\"pool\":" + pool + "}"));
    CommandRun run = write(line);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith("changed: ")
        .contains("shop: degraded, b serves since 2026-11-21T17:59:00Z", "backup");
    REPLICA.verify(
        1,
        requestedFor(method, urlEqualTo(path))
            .withHeader("Authorization", equalTo("Bearer secret"))
            .withHeader("Content-Type", equalTo("application/json"))
            .withRequestBody(equalToJson(body)));
    REPLICA.verify(1, anyRequestedFor(anyUrl()));
  }

  private static String planned(String phase, boolean active, String... past) {
    StringBuilder phases = new StringBuilder();
    for (String each : past) {
      phases.append("{\"phase\":\"%s\",\"since\":\"2026-11-24T09:00:00Z\"},".formatted(each));
    }
    return """
    {"phase":"%s","active":%s,"at":"2026-11-25T22:00:00Z",
     "phases":[%s{"phase":"%s","since":"2026-11-24T09:00:00.120Z","why":"it says why"}]}
    """
        .formatted(phase, active, phases, phase);
  }

  /** A switch of that pool begins, and ends like that. */
  private static void switches(String pool, String last) {
    String path = "/api/pools/" + pool + "/switch";
    REPLICA.stubFor(post(urlEqualTo(path)).willReturn(jsonResponse(planned("PAUSING", true), 202)));
    REPLICA.stubFor(delete(urlEqualTo(path)).willReturn(okJson(planned("PAUSING", true))));
    respond(path, last);
  }

  @ParameterizedTest
  @CsvSource({"GIVEN_UP, 0", "MOVED, 1", "ROLLED_BACK, 2", "FAILED, 2"})
  @Tag(Extent.SLOW)
  void giving_up_succeeds_if_the_switch_ends_as_given_up(String end, int status)
      throws IOException {
    switches("shop", planned(end, false));
    assertThat(write("switch shop --give-up"))
        .isEqualTo(new CommandRun(status, "+0.000s " + end + ": it says why\n", ""));
  }

  @Test
  void each_pool_that_a_host_serves_is_moved_elsewhere_one_after_another() throws IOException {
    String three =
        servedByA(
            server("a", "master", "UP", true),
            server("b", "backup", "UP", false),
            server("m", "master", "DOWN", false));
    pools(
        three,
        three.replace("cart", "shop"),
        three.replace("cart", "till").replace("a.test", "x.test"),
        pool("else", "well", 0, "null", "null", server("c", "master", "UP", false)));
    switches("cart", planned("GIVEN_UP", false, "PAUSING"));
    switches("shop", planned("MOVED", false, "PAUSING"));

    assertThat(write("switch --host A.test --planned --pause=20s --force"))
        .isEqualTo(
            new CommandRun(
                1,
                """
                cart to b
                  +0.000s PAUSING
                  +0.120s GIVEN_UP: it says why
                shop to b
                  +0.000s PAUSING
                  +0.120s MOVED: it says why
                """,
                ""));
    REPLICA.verify(
        2,
        postRequestedFor(anyUrl())
            .withRequestBody(
                equalToJson("{\"to\":\"b\",\"planned\":true,\"pause\":\"20s\",\"force\":true}")));
  }

  @Test
  @Tag(Extent.SLOW)
  void a_standby_that_is_not_usable_before_its_promotion_is_asked_for_and_a_host_may_serve_nothing()
      throws IOException {
    pools(servedByA(server("a", "master", "UP", true), server("m", "backup", "DOWN", false)));
    switches("cart", planned("MOVED", false, "PAUSING"));
    CommandRun run = write("switch --host a.test --planned");
    assertThat(run.out()).startsWith("cart to m\n");
    assertThat(run.status()).isZero();
    assertThat(write("switch --host z.test --planned"))
        .isEqualTo(new CommandRun(0, "nothing to change: no server at z.test serves a pool\n", ""));
  }

  @Test
  @Tag(Extent.SLOW)
  void the_first_pool_that_is_rolled_back_ends_the_move_away_from_a_host() throws IOException {
    pools(TWO, TWO.replace("cart", "shop"));
    switches("cart", planned("ROLLED_BACK", false, "PAUSING", "FENCING"));

    assertThat(write("switch --host a.test --planned").status()).isEqualTo(2);
    REPLICA.verify(1, postRequestedFor(anyUrl()));
  }

  @Test
  @Tag(Extent.SLOW)
  void all_servers_at_a_host_are_set_at_once_and_a_refusal_of_one_leaves_the_others()
      throws IOException {
    pools(
        WELL.replace("a.test", "DB1.test"),
        DEGRADED.replace("b.test:80", "db1.test:8080"),
        pool("else", "well", 0, "null", "\"c\"", server("c", "master", "UP", true)));
    REPLICA.stubFor(
        put(urlEqualTo("/api/pools/cart/servers/a/state"))
            .willReturn(problem(409, "It is the only usable server.")));
    REPLICA.stubFor(
        put(urlEqualTo("/api/pools/shop/servers/b/state"))
            .willReturn(okJson("{\"changed\":true,\"pool\":" + DEGRADED + "}")));
    assertThat(write("maintenance --host db1.test --reason=disk"))
        .isEqualTo(
            new CommandRun(
                1,
                "changed: b of shop is set to maintenance\n",
                "understudy: cart: It is the only usable server. (409)\n"));
    REPLICA.verify(2, putRequestedFor(anyUrl()).withRequestBody(containing("disk")));

    assertThat(write("drain --host nowhere.test"))
        .isEqualTo(new CommandRun(1, "", "understudy: No pool has a server at nowhere.test.\n"));
  }

  @Test
  @Tag(Extent.SLOW)
  void a_write_without_effect_is_reported_as_such() {
    respond(okJson("{\"changed\":false,\"pool\":" + WELL + "}"));
    CommandRun run = run("ready cart a");
    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("nothing to change: a of cart is set to ready");
  }

  @Test
  void the_token_goes_with_reads_too_and_not_to_where_a_redirect_leads() throws IOException {
    respond(aResponse().withStatus(307).withHeader("Location", "/x"));
    assertThat(write("routes").status()).isEqualTo(3);
    REPLICA.verify(
        getRequestedFor(urlEqualTo("/api/routes"))
            .withHeader("Authorization", equalTo("Bearer secret")));
    REPLICA.verify(0, getRequestedFor(urlEqualTo("/x")));
  }

  @Test
  @Tag(Extent.SLOW)
  void routes_are_listed_in_their_order_and_with_rates_where_there_are_any() {
    respond("/api/routes", "[{\"id\":\"first\",\"lane\":\"gateway\",\"why\":\"of that\"}]");
    assertThat(run("routes").out()).isEqualTo("ROUTE  LANE     WHY\nfirst  gateway  of that\n");
    REPLICA.verify(
        getRequestedFor(urlEqualTo("/api/routes")).withHeader("Authorization", absent()));

    respond(
        "/api/routes",
        """
        [{"id":"a","pool":"shop","lane":"express","why":"compiled","requestsPerSecond":1234.5,
          "predicates":["Path=/a","Method=GET"],"filters":[]}]
        """);
    assertThat(run("routes").out())
        .isEqualTo(
            """
            ROUTE  POOL  LANE     REQ/S  PREDICATES          WHY
            a      shop  express  1235   Path=/a Method=GET  compiled
            """);
  }

  @Test
  @Tag(Extent.SLOW)
  void events_are_lines_with_the_operator_and_the_reason() {
    respond(
        "/api/events?limit=2&pool=shop",
        """
        {"events":[
         {"id":1,"at":"2026-11-21T18:00:00.123987654Z","type":"configuration-applied","pool":null,"message":"applied"},
         {"id":2,"at":"2026-11-21T18:00:01Z","type":"switched","pool":"shop","message":"shop: b serves","operator":"alice","operatorReason":"disk"}]}
        """);
    assertRun(
        "events -n 2 -p shop",
        0,
        """
        2026-11-21T18:00:00.123Z  -  configuration-applied  applied
        2026-11-21T18:00:01.000Z  shop  switched  shop: b serves (by alice: disk)
        """);
  }

  @Test
  @Tag(Extent.SLOW)
  void events_are_followed_from_the_oldest_that_was_asked_for_in_its_history() {
    respond(
        "/api/events?limit=20",
        """
        {"history":"9a","events":[{"id":7,"at":"2026-11-21T18:00:00Z","type":"started","pool":null,"message":"m"}]}
        """);
    REPLICA.stubFor(get(urlEqualTo("/api/events/stream")).willReturn(aResponse().withStatus(403)));

    assertThat(run("events -f").status()).isEqualTo(3);
    REPLICA.verify(
        getRequestedFor(urlEqualTo("/api/events/stream"))
            .withHeader("Last-Event-ID", equalTo("9a-6")));
  }

  @Test
  @Tag(Extent.SLOW)
  void top_prints_one_frame_when_its_output_is_no_terminal() {
    overview(WELL, DEGRADED);
    CommandRun run = run("top");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains(
            "proxy-0",
            "2 pools: 1 well, 1 degraded",
            "req/s 12.3 err/s 0.1 held 0 tunnels 5",
            "up 5h0m",
            "a is DOWN: connection refused")
        .doesNotContain("\u001b");
    REPLICA.verify(1, getRequestedFor(urlEqualTo("/api/overview")));
  }

  @Rows(
      """
      status --bogus            | 3 | Unknown option: '--bogus'
      status -o xml             | 3 | Invalid value for option '--output'
      switch shop               | 2 | expected POOL and SERVER, POOL and auto, or POOL and --give-up
      switch                    | 2 | expected POOL and SERVER, POOL and auto, or --host
      switch shop a --host=x    | 2 | --host needs --planned, and neither POOL nor SERVER
      switch shop a --force     | 2 | --pause, --at and --force need --planned
      switch shop a --give-up   | 2 | expected only POOL with --give-up
      drain shop a b            | 2 | Unmatched argument at index
      drain shop                | 2 | expected POOL and SERVER, or --host
      drain shop a --host h     | 2 | expected POOL and SERVER, or --host, not both
      maintenance shop          | 2 | expected POOL and SERVER; for the pool as a whole use --pool shop
      maintenance shop --force  | 2 | expected POOL and SERVER; for the pool as a whole use --pool shop
      ready shop                | 2 | expected POOL and SERVER; for the pool as a whole use --pool shop
      drain shop --pool x       | 2 | Unknown option
      maintenance --pool shop a | 2 | --pool cannot be combined with POOL, SERVER or --host
      ready --pool x --host h   | 2 | --pool cannot be combined with POOL, SERVER or --host
      maintenance shop a --allow ::1 | 2 | --until, --for and --allow need --pool
      maintenance --host h --until x | 2 | --until, --for and --allow need --pool
      ready --until x shop      | 2 | Unknown option: '--until'
      drain --a=b shop a        | 2 | Unknown option: '--a=b'
      events -n many            | 2 | Invalid value for option '--limit'
      routes --server=localhost | 2 | --server: expected http://HOST:PORT
      routes --server=ftp://a   | 2 | --server: expected http://HOST:PORT
      status --server=http://u:p@a | 3 | --server: expected http://HOST:PORT
      routes --token-file=nope  | 2 | --token-file nope: cannot be read: there is no such file
      routes --ca-file=nope     | 2 | --ca-file nope: cannot be read: there is no such file
      routes --ca-file=pom.xml  | 2 | --ca-file pom.xml: expected certificates in PEM form
      routes --token-file=pom.xml | 2 | --token-file pom.xml: expected one token
      """)
  @Tag(Extent.SLOW)
  void wrong_arguments_are_named(String line, int exit, String said) {
    CommandRun run = CommandRun.of(List.of(line.split(" ")));
    assertThat(run.err()).startsWith("understudy: " + said);
    assertThat(run).returns(exit, CommandRun::status).returns("", CommandRun::out);
  }

  @Rows(
      """
      # with a format of the output
      true  | status events routes switch drain maintenance ready
      # without
      false | top diagnose
      """)
  @Tag(Extent.SLOW)
  void help_names_options_and_exit_statuses(boolean formatted, String commands) {
    for (String command : commands.split(" ")) {
      CommandRun run = CommandRun.of(List.of(command, "--help"));
      assertThat(run.status()).isZero();
      assertThat(run.out())
          .startsWith("Usage: understudy " + command)
          .contains("--server=URL", "--token-file=FILE", "Exit status:", "UNDERSTUDY_SERVER");
      assertThat(run.out().contains("--output")).isEqualTo(formatted);
    }
  }

  @Rows(
      """
      --server http://b:1 drain shop a                | drain --server http://b:1 shop a
      --server=http://b:1 status                      | status --server=http://b:1
      --token-file t --reason now -o json ready shop a | ready --token-file t --reason now -o json shop a
      -ojson --ca-file ca events -f                   | events -ojson --ca-file ca -f
      status --server http://b:1                      | status --server http://b:1
      """)
  @Tag(Extent.SLOW)
  void options_may_stand_before_the_command(String line, String sorted) {
    assertThat(ClientCommands.accept(line.split(" "))).isTrue();
    assertThat(ClientCommands.nameFirst(line.split(" "))).containsExactly(sorted.split(" "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--server", "--server drain", "--servr=b drain a b", "-f events", "demo"})
  @Tag(Extent.SLOW)
  void an_option_that_commands_do_not_share_is_none_of_theirs(String line) {
    assertThat(ClientCommands.accept(line.split(" "))).isFalse();
  }
}
