package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.AccessTokens.Verdict;
import dev.understudy.admin.access.AdminProperties;
import dev.understudy.admin.access.ReadPolicy;
import dev.understudy.admin.access.Role;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Who may change what. */
class AccessRulesTest extends OnSharedServer {
  @TempDir private Path directory;

  private static HttpResponse<String> drain(AdminServer of, String... authorization) {
    HttpRequest.Builder request =
        of.request("/api/pools/sense/servers/sen2/state")
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString("{\"state\":\"drain\"}"));
    for (String value : authorization) {
      request.header("Authorization", value);
    }
    return of.send(request);
  }

  @Test
  void writes_and_diagnostics_are_off_while_no_token_is_set() {
    try (AdminServer open = new AdminServer()) {
      assertThat(drain(open, "Bearer anything").statusCode()).isEqualTo(403);
      assertThat(drain(open, "Bearer ").statusCode()).isEqualTo(403);
      assertThat(drain(open).statusCode()).isEqualTo(403);
      assertThat(open.get("/api/diagnostics").statusCode()).isEqualTo(403);
    }
  }

  @Test
  void a_write_with_the_token_is_done_and_one_without_is_challenged() {
    HttpResponse<String> none = drain(server);
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("WWW-Authenticate"))
        .contains("Bearer realm=\"understudy\"");

    String right = "Bearer " + AdminServer.TOKEN;
    for (String wrong :
        List.of(
            "Bearer wrong",
            right.substring(0, right.length() - 1),
            right + "s",
            right.toUpperCase(Locale.ROOT),
            "Bearer",
            "Basic c2VjcmV0")) {
      HttpResponse<String> response = drain(server, wrong);
      assertThat(response.statusCode()).as(wrong).isEqualTo(401);
      assertThat(response.headers().firstValue("WWW-Authenticate"))
          .hasValueSatisfying(value -> assertThat(value).contains("invalid_token"));
    }
    assertThat(drain(server, right, right).statusCode()).isEqualTo(401);

    assertThat(drain(server, "bearer  " + AdminServer.TOKEN).statusCode()).isEqualTo(200);
  }

  @Test
  void a_token_file_is_read_again_when_it_changes_and_no_token_is_wrong_while_it_cannot_be_read()
      throws IOException {
    Path file = Files.writeString(directory.resolve("token"), "first\n");
    try (AdminServer filed = new AdminServer("understudy.admin.token-file=" + file)) {
      assertThat(drain(filed, "Bearer first").statusCode()).isEqualTo(200);

      Files.writeString(file, "second\n");
      assertThat(drain(filed, "Bearer first").statusCode()).isEqualTo(401);
      assertThat(drain(filed, "Bearer second").statusCode()).isEqualTo(200);
      assertThat(whoami(filed, "second").statusCode()).isEqualTo(200);
      assertThat(whoami(filed, "first").statusCode()).isEqualTo(401);

      Path away = Files.move(file, directory.resolve("away"));
      HttpResponse<String> refused = drain(filed, "Bearer second");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(AdminServer.json(refused).path("detail").asString())
          .contains("token-file", "cannot be read")
          .doesNotContain("no token is set");
      HttpResponse<String> response = whoami(filed, "second");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).contains("5");
      assertThat(AdminServer.json(response).path("detail").asString())
          .contains("understudy.admin.token-file", "cannot be read");
      HttpResponse<String> anybody = filed.get("/api/whoami");
      assertThat(anybody.statusCode()).as("no token").isEqualTo(200);
      assertThat(AdminServer.json(anybody).path("writesOff").asString())
          .isEqualTo("the file that understudy.admin.token-file names cannot be read; see the log");

      Files.move(away, file);
      assertThat(whoami(filed, "second").statusCode()).isEqualTo(200);
    }
  }

  private static HttpResponse<String> whoami(AdminServer of, String token) {
    return of.send(of.request("/api/whoami").header("Authorization", "Bearer " + token));
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

  @Test
  void each_change_of_the_token_files_state_counts_at_once_and_is_logged_once_from_the_start_on()
      throws IOException {
    Path file = directory.resolve("token");
    String large = "a".repeat(10_000);
    Verdict unreadable = new Verdict.Unreadable("understudy.admin.token-file");
    LogCapture log = LogCapture.of(AccessTokens.class, file.toString());
    try (log) {
      AccessTokens token =
          new AdminConfiguration()
              .accessTokens(
                  new AdminProperties(null, file, null, ReadPolicy.OPEN, List.of(), null));
      assertThat(log.events()).as("at the start").hasSize(1);
      for (int round = 0; round < 2; round++) {
        assertThat(ask(token, "guess")).isEqualTo(unreadable);
        Files.writeString(file, "secret");
        assertThat(ask(token, "guess")).isEqualTo(new Verdict.Rejected());
        Files.writeString(file, " \n");
        assertThat(ask(token, "")).isEqualTo(new Verdict.NotSet());
        Files.writeString(file, large);
        assertThat(ask(token, large)).isEqualTo(unreadable);
        Files.delete(file);
        Files.createDirectory(file);
        assertThat(ask(token, "guess")).isEqualTo(unreadable);
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

  /** More than once. */
  private static Verdict ask(AccessTokens token, String presented) {
    assertThat(token.check(presented)).isEqualTo(token.check(presented));
    return token.check(presented);
  }

  @Test
  void a_tokens_file_that_could_never_be_read_is_a_403_that_names_the_setting() {
    try (AdminServer unusable =
        new AdminServer(
            "understudy.admin.tokens-file=" + directory.resolve("missing"),
            "understudy.admin.reads=token")) {
      for (String path : List.of("/api/pools", "/actuator/prometheus")) {
        HttpResponse<String> response =
            unusable.send(unusable.request(path).header("Authorization", "Bearer secret"));
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(AdminServer.json(response).path("detail").asString())
            .contains("understudy.admin.tokens-file", "cannot be read");
      }
      assertThat(drain(unusable, "Bearer secret").statusCode()).isEqualTo(403);
      assertThat(unusable.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    }
  }

  @Rows(
      """
      # two ways to set the token are one too many
      secret | token |       | OPEN  | are both set; expected one of them
      secret |       | token | OPEN  | are both set; expected one of them
             | token | token | OPEN  | are both set; expected one of them
      # reads with a token want one to be set
             |       |       | TOKEN | understudy.admin.reads: expected open
      """)
  void settings_that_contradict_each_other_are_refused(
      @Nullable String token,
      @Nullable Path file,
      @Nullable Path named,
      ReadPolicy reads,
      String said) {
    assertThatThrownBy(new AdminProperties(token, file, named, reads, List.of(), null)::tokens)
        .hasMessageContaining("understudy.admin.")
        .hasMessageContaining(said)
        .hasMessageNotContaining("secret");
  }

  @Test
  void the_token_is_never_printed() {
    assertThat(
            new AdminProperties("secret", null, null, ReadPolicy.OPEN, List.of(), null).toString())
        .doesNotContain("secret");
    assertThat(AccessTokens.of("secret").toString()).doesNotContain("secret");
  }
}
