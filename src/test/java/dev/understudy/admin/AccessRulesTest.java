package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.AccessTokens.Verdict;
import dev.understudy.admin.access.AdminProperties;
import dev.understudy.admin.access.ReadAccess;
import dev.understudy.admin.access.Role;
import dev.understudy.testing.LogCapture;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Who may change what. */
class AccessRulesTest {
  @TempDir private Path directory;

  private static HttpResponse<String> drain(AdminServer server, String... authorization) {
    HttpRequest.Builder request =
        server
            .request("/api/pools/sense/servers/sen2/state")
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString("{\"state\":\"drain\"}"));
    for (String value : authorization) {
      request.header("Authorization", value);
    }
    return server.send(request);
  }

  @Test
  void writes_are_off_while_no_token_is_set() {
    try (AdminServer server = new AdminServer()) {
      assertThat(drain(server, "Bearer anything").statusCode()).isEqualTo(403);
      assertThat(drain(server, "Bearer ").statusCode()).isEqualTo(403);
      assertThat(drain(server).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void a_write_with_the_token_is_done_and_one_without_is_challenged() {
    try (AdminServer server = new AdminServer("understudy.admin.token=secret")) {
      HttpResponse<String> none = drain(server);
      assertThat(none.statusCode()).isEqualTo(401);
      assertThat(none.headers().firstValue("WWW-Authenticate"))
          .contains("Bearer realm=\"understudy\"");

      for (String wrong :
          List.of("Bearer wrong", "Bearer secre", "Bearer secrets", "Bearer", "Basic c2VjcmV0")) {
        HttpResponse<String> response = drain(server, wrong);
        assertThat(response.statusCode()).as(wrong).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate"))
            .hasValueSatisfying(value -> assertThat(value).contains("invalid_token"));
      }
      assertThat(drain(server, "Bearer secret", "Bearer secret").statusCode()).isEqualTo(401);

      assertThat(drain(server, "bearer  secret").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_token_file_is_read_again_when_it_changes() throws IOException {
    Path file = directory.resolve("token");
    Files.writeString(file, "first\n");
    try (AdminServer server = new AdminServer("understudy.admin.token-file=" + file)) {
      assertThat(drain(server, "Bearer first").statusCode()).isEqualTo(200);

      Files.writeString(file, "second\n");
      assertThat(drain(server, "Bearer first").statusCode()).isEqualTo(401);
      assertThat(drain(server, "Bearer second").statusCode()).isEqualTo(200);

      Files.delete(file);
      HttpResponse<String> refused = drain(server, "Bearer second");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(AdminServer.json(refused).path("detail").asString())
          .contains("token-file", "cannot be read")
          .doesNotContain("no token is set");
    }
  }

  @Test
  void whoami_calls_no_token_wrong_while_the_file_cannot_be_read() throws IOException {
    Path file = directory.resolve("token");
    Files.writeString(file, "secret");
    try (AdminServer server = new AdminServer("understudy.admin.token-file=" + file)) {
      assertThat(whoami(server, "secret").statusCode()).isEqualTo(200);
      assertThat(whoami(server, "wrong").statusCode()).isEqualTo(401);

      Path away = Files.move(file, directory.resolve("away"));
      HttpResponse<String> response = whoami(server, "secret");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).contains("5");
      assertThat(AdminServer.json(response).path("detail").asString())
          .contains("understudy.admin.token-file", "cannot be read");
      HttpResponse<String> anybody = server.get("/api/whoami");
      assertThat(anybody.statusCode()).as("no token").isEqualTo(200);
      assertThat(AdminServer.json(anybody).path("writesOff").asString())
          .isEqualTo("the file that understudy.admin.token-file names cannot be read; see the log");

      Files.move(away, file);
      assertThat(whoami(server, "secret").statusCode()).isEqualTo(200);
    }
  }

  private static HttpResponse<String> whoami(AdminServer server, String token) {
    return server.send(server.request("/api/whoami").header("Authorization", "Bearer " + token));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "aaaaaaaaaaaa, false",
    "auuuuuaaaaaa, false",
    "auuauuuuuaaa, false",
    "auuuuuu, true",
    "ar, true",
    "an, true",
    "aur, true"
  })
  void a_stream_ends_with_its_token_and_not_for_a_file_that_is_unreadable_for_a_moment(
      String verdicts, boolean ends) {
    Flux<Verdict> checks =
        Flux.fromStream(
            verdicts
                .chars()
                .mapToObj(
                    letter ->
                        switch (letter) {
                          case 'a' -> new Verdict.Accepted("token", Role.VIEW);
                          case 'u' -> new Verdict.Unreadable("understudy.admin.token-file");
                          case 'r' -> new Verdict.Rejected();
                          default -> new Verdict.NotSet();
                        }));

    Mono<Void> revoked = AccessRules.revoked(checks.concatWith(Flux.never()));

    AtomicBoolean ended = new AtomicBoolean();
    revoked.doOnSuccess(nothing -> ended.set(true)).subscribe().dispose();
    assertThat(ended.get()).isEqualTo(ends);
  }

  @ParameterizedTest
  @CsvSource({"missing, cannot be read", "empty, is empty"})
  void a_token_file_of_no_use_is_a_warning_at_the_start(String name, String said)
      throws IOException {
    Files.createFile(directory.resolve("empty"));
    Path file = directory.resolve(name);
    LogCapture log = LogCapture.of(AccessTokens.class, file.toString());
    try (log) {
      var unused = new AdminConfiguration().accessTokens(inFile(file));
    }
    assertThat(log.events())
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getLevel()).isEqualTo(Level.WARN);
              assertThat(line.getFormattedMessage()).contains(file.toString(), said);
            });
  }

  @Test
  void each_change_of_the_token_files_state_is_logged_once_however_often_clients_ask()
      throws IOException {
    Path file = directory.resolve("token");
    AccessTokens token = AccessTokens.inTokenFile(file);
    LogCapture log = LogCapture.of(AccessTokens.class, file.toString());
    try (log) {
      for (int round = 0; round < 2; round++) {
        ask(token);
        Files.writeString(file, "secret");
        ask(token);
        Files.writeString(file, " ");
        ask(token);
        Files.writeString(file, "a".repeat(10_000));
        ask(token);
        Files.delete(file);
        Files.createDirectory(file);
        ask(token);
        Files.delete(file);
      }
    }
    List<String> round =
        List.of(
            "WARN The token file F cannot be read, changes are off: it does not exist",
            "INFO The token file F can be read, changes are on",
            "WARN The token file F is empty, changes are off",
            "WARN The token file F is larger than 4096 bytes, changes are off",
            "WARN The token file F cannot be read, changes are off: it is a directory");
    List<String> said =
        log.events().stream()
            .map(line -> line.getLevel() + " " + line.getFormattedMessage())
            .map(line -> line.replace(file.toString(), "F"))
            .toList();
    assertThat(said.subList(0, 5)).isEqualTo(round);
    assertThat(said.subList(5, said.size())).isEqualTo(round);
  }

  private static void ask(AccessTokens token) {
    for (int i = 0; i < 3; i++) {
      var unused = token.check("guess");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n"})
  void an_empty_token_file_admits_no_client(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("token"), content);

    assertThat(AccessTokens.inTokenFile(file).check("")).isEqualTo(new Verdict.NotSet());
  }

  @Test
  void a_token_file_of_unreasonable_size_admits_no_client() throws IOException {
    Path file = Files.writeString(directory.resolve("token"), "a".repeat(10_000));

    assertThat(AccessTokens.inTokenFile(file).check("a".repeat(10_000)))
        .isEqualTo(new Verdict.Unreadable("understudy.admin.token-file"));
  }

  @ParameterizedTest
  @CsvSource({"secret, true", "Secret, false", "secre, false", "secrets, false", "'', false"})
  void a_token_is_compared_whole(String presented, boolean accepted) {
    assertThat(AccessTokens.of("secret").check(presented))
        .isEqualTo(accepted ? new Verdict.Accepted("token", Role.OPERATE) : new Verdict.Rejected());
  }

  @Test
  void a_tokens_file_that_could_never_be_read_is_a_403_that_names_the_setting() {
    try (AdminServer server =
        new AdminServer(
            "understudy.admin.tokens-file=" + directory.resolve("missing"),
            "understudy.admin.reads=token")) {
      for (String path : List.of("/api/pools", "/actuator/prometheus")) {
        HttpResponse<String> response =
            server.send(server.request(path).header("Authorization", "Bearer secret"));
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(AdminServer.json(response).path("detail").asString())
            .contains("understudy.admin.tokens-file", "cannot be read");
      }
      assertThat(drain(server, "Bearer secret").statusCode()).isEqualTo(403);
      assertThat(server.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    }
  }

  private AdminProperties inFile(Path file) {
    return new AdminProperties(null, file, null, ReadAccess.OPEN, List.of(), null);
  }

  @Test
  void two_ways_to_set_the_token_are_one_too_many() {
    Path file = directory.resolve("token");

    for (AdminProperties two :
        List.of(
            new AdminProperties("secret", file, null, ReadAccess.OPEN, List.of(), null),
            new AdminProperties("secret", null, file, ReadAccess.OPEN, List.of(), null),
            new AdminProperties(null, file, file, ReadAccess.OPEN, List.of(), null))) {
      assertThatThrownBy(two::tokens)
          .hasMessageContaining("understudy.admin.token")
          .hasMessageContaining("are both set; expected one of them")
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void reads_with_a_token_want_one_to_be_set() {
    AdminProperties none = new AdminProperties(null, null, null, ReadAccess.TOKEN, List.of(), null);

    assertThatThrownBy(none::tokens)
        .hasMessageStartingWith("understudy.admin.reads: expected open");
  }

  @Test
  void the_token_is_never_printed() {
    assertThat(
            new AdminProperties("secret", null, null, ReadAccess.OPEN, List.of(), null).toString())
        .doesNotContain("secret");
    assertThat(AccessTokens.of("secret").toString()).doesNotContain("secret");
  }
}
