package dev.understudy.admin.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.admin.access.AccessTokens.Verdict;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file of named tokens: what it may say, and what becomes of it as it changes. */
class TokensFileTest {
  private static final String ALICE = "tokens: [{ name: alice, role: operate, token: s3cret }]";
  private static final String BOB = "tokens: [{ name: bob, role: view, token: s3cret }]";

  private static final String KEPT =
      "; keeping what was read before: 1 of role operate, 0 of role view";

  @TempDir private Path directory;

  private static List<AccessToken> parse(String text) throws TokensParser.UnusableException {
    return TokensParser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void names_roles_and_both_forms_of_a_secret_are_read() throws Exception {
    String digest = "2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B";
    List<AccessToken> tokens =
        parse(
            """
            tokens:
              - name: alice
                role: operate
                token: "two words"
              - { name: x@y.Z_1-2, role: view, sha256: %s }
              - { name: n, role: view, token: 0123 }
            """
                .formatted(digest));

    assertThat(tokens).extracting(AccessToken::name).containsExactly("alice", "x@y.Z_1-2", "n");
    assertThat(tokens)
        .extracting(AccessToken::role)
        .containsExactly(Role.OPERATE, Role.VIEW, Role.VIEW);
    assertThat(tokens.get(0).isOf(AccessToken.digest("two words"))).isTrue();
    assertThat(tokens.get(1).isOf(AccessToken.digest("secret"))).isTrue();
    assertThat(tokens.get(2).isOf(AccessToken.digest("0123"))).as("as written").isTrue();
  }

  @Rows(
      """
      ``                                                           | expected a list named tokens
      s3cret                                                       | expected a list named tokens
      tokens: s3cret                                               | line 1: expected a list named tokens
      token: [s3cret]                                              | line 1: expected only the key tokens; line 1: expected a list named tokens
      tokens: [s3cret]                                             | line 1: expected name, role, and token or sha256
      tokens: [{ name: a, role: view, secret: s3cret }]            | line 1: expected name, role, and token or sha256; line 1: expected either token or sha256
      tokens: [{ role: view, token: s3cret }]                      | line 1: name: expected 1 to 64 letters (A-Z, a-z), digits, '.', '_', '@' or '-'
      tokens: [{ name: s3 cret, role: view, token: s3cret }]       | line 1: name: expected 1 to 64 letters (A-Z, a-z), digits, '.', '_', '@' or '-'
      tokens: [{ name: a, role: admin, token: s3cret }]            | line 1: role: expected view or operate
      tokens: [{ name: a, role: VIEW, token: s3cret }]             | line 1: role: expected view or operate
      tokens: [{ name: a, token: s3cret }]                         | line 1: role: expected view or operate
      tokens: [{ name: a, role: view }]                            | line 1: expected either token or sha256
      tokens: [{ name: a, role: view, token: }]                    | line 1: token: expected 1 to 1024 printable ASCII characters, without blanks at the ends
      tokens: [{ name: a, role: view, token: [s3cret] }]           | line 1: token: expected 1 to 1024 printable ASCII characters, without blanks at the ends
      tokens: [{ name: a, role: view, token: "s3cret " }]          | line 1: token: expected 1 to 1024 printable ASCII characters, without blanks at the ends
      tokens: [{ name: a, role: view, token: s3crèt }]             | line 1: token: expected 1 to 1024 printable ASCII characters, without blanks at the ends
      tokens: [{ name: a, role: view, sha256: s3cret }]            | line 1: sha256: expected the SHA-256 of a token, 64 hexadecimal digits
      tokens: [{ name: a, role: view, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 }] | line 1: sha256: expected the SHA-256 of a token, 64 hexadecimal digits
      tokens: [{ name: a, role: view, token: s3cret, token: s3cret }] | line 1: token: expected once
      tokens: [{ name: a, role: view, token: s3cret, <<: {} }]     | line 1: expected name, role, and token or sha256
      tokens: [{ name: a, role: view, token: s3cret }, { name: a, role: view, token: s3cret2 }] | line 1: name: expected a name that no other token has, found the name of line 1
      tokens: [{ name: a, role: view, token: s3cret }, { name: b, role: view, token: s3cret }] | line 1: expected a secret that no other token has, found the secret of a
      tokens: [*s3cret]                                            | line 1: it is not YAML
      tokens: [%s3cret]                                            | line 1: it is not YAML
      tokens: [{ name: a, token: s3cret                            | line 1: it is not YAML
      tokens: &a [[[[[[[[[[[[[[[[s3cret]]]]]]]]]]]]]]]]            | it is not YAML
      """)
  void what_is_wrong_is_told_with_its_line_and_without_the_secret(String text, String told) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(TokensParser.UnusableException.class)
        .hasMessage(told)
        .hasMessageNotContaining("s3cr");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokens:\n  - { name: a, role: view, token: \"s3cret\\q\" }",
        "tokens:\n\t- s3cret",
        "tokens: []\n---\ns3cret",
        "!!s3cret tokens",
        "tokens: [ !<s3cret> {} ]",
        "tokens: \u0007s3cret"
      })
  void a_secret_that_is_no_yaml_does_not_reach_the_message(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(TokensParser.UnusableException.class)
        .hasMessageNotContaining("s3cr");
    assertThatThrownBy(() -> TokensParser.parse(new byte[] {(byte) 0xff, 'a'}))
        .hasMessage("it is not UTF-8");
  }

  @Test
  void a_hundred_tokens_are_the_most() throws Exception {
    assertThat(parse(many(100))).hasSize(100);
    assertThatThrownBy(() -> parse(many(101)))
        .hasMessage("line 2: expected at most 100 tokens, found 101");
  }

  private static String many(int count) {
    StringBuilder text = new StringBuilder("tokens:\n");
    for (int i = 0; i < count; i++) {
      text.append("- { name: n").append(i).append(", role: view, token: t").append(i);
      text.append(" }\n");
    }
    return text.toString();
  }

  @Test
  void problems_are_reported_together_ten_at_most() {
    assertThatThrownBy(() -> parse("tokens:\n" + "- s3cret\n".repeat(20)))
        .satisfies(e -> assertThat(e.getMessage().split("; ")).hasSize(10))
        .hasMessageStartingWith("line 2: ");
  }

  @Test
  void each_change_of_the_file_is_logged_once_and_a_bad_file_changes_nothing() throws IOException {
    Path file = directory.resolve("tokens.yaml");
    AccessTokens tokens = AccessTokens.inTokensFile(file);
    String alice = "Accepted[name=alice, role=OPERATE]";
    List<ILoggingEvent> lines;
    try (LogCapture log = LogCapture.of(AccessTokens.class, file.toString())) {
      lines = log.events();
      assertThat(ask(tokens)).isEqualTo("Unreadable[setting=understudy.admin.tokens-file]");
      for (String usable : List.of(ALICE, "tokens: [", "#".repeat(TokensFile.MAX_BYTES + 1))) {
        Files.writeString(file, usable);
        assertThat(ask(tokens)).isEqualTo(alice);
      }
      Files.delete(file);
      assertThat(ask(tokens)).isEqualTo(alice);
      Files.writeString(file, BOB);
      assertThat(ask(tokens)).isEqualTo("Accepted[name=bob, role=VIEW]");
      Files.writeString(file, "tokens: []");
      assertThat(ask(tokens)).isEqualTo("Rejected[]");
    }
    assertThat(lines)
        .extracting(line -> line.getLevel() + " " + line.getFormattedMessage())
        .extracting(line -> line.replace(file.toString(), "F"))
        .containsExactly(
            "WARN The tokens file F cannot be read: it does not exist; no token is accepted",
            "INFO The tokens file F is in force: 1 of role operate, 0 of role view",
            "WARN The tokens file F cannot be used: line 1: it is not YAML" + KEPT,
            "WARN The tokens file F is larger than 65536 bytes" + KEPT,
            "WARN The tokens file F cannot be read: it does not exist" + KEPT,
            "INFO The tokens file F is in force: 0 of role operate, 1 of role view",
            "INFO The tokens file F is in force: 0 of role operate, 0 of role view");
  }

  /** As a mounted secret changes: the file is a link through a link to a directory. */
  @Test
  void a_change_by_symbolic_link_counts_at_once() throws IOException {
    Path first = Files.createDirectory(directory.resolve("..1"));
    Path second = Files.createDirectory(directory.resolve("..2"));
    Files.writeString(first.resolve("tokens.yaml"), ALICE);
    Files.writeString(second.resolve("tokens.yaml"), BOB);
    Path data = Files.createSymbolicLink(directory.resolve("..data"), first);
    Path file = directory.resolve("tokens.yaml");
    Files.createSymbolicLink(file, Path.of("..data/tokens.yaml"));
    AccessTokens tokens = AccessTokens.inTokensFile(file);
    assertThat(ask(tokens)).isEqualTo("Accepted[name=alice, role=OPERATE]");

    Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), second);
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

    assertThat(ask(tokens)).isEqualTo("Accepted[name=bob, role=VIEW]");
  }

  @Test
  void a_token_is_never_printed() {
    assertThat(AccessToken.of("alice", Role.VIEW, "secret").toString()).isEqualTo("alice (view)");
  }

  private static String ask(AccessTokens tokens) {
    Verdict verdict = tokens.check("s3cret");
    for (int i = 0; i < 3; i++) {
      assertThat(tokens.check("s3cret")).isEqualTo(verdict);
    }
    return verdict.toString();
  }
}
