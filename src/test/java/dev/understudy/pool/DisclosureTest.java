package dev.understudy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names and texts may hold a secret. */
class DisclosureTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x.token-profile", "x.token.profile", "x.secret.hostname", "x.password-prototype",
        "x.token.curl", "keys[0]", "x.keys", "x.signing-keys[3]",
        "x.pass", "DB_PASS", "dbPass", "signingKey",
        "keyStorePassword", "pass[0]"
      })
  void name_of_a_secret(String name) {
    assertThat(Disclosure.isSecretName(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "understudy.admin.token-file", "understudy.admin.tokens-file",
        "UNDERSTUDY_ADMIN_TOKENFILE", "UNDERSTUDY_ADMIN_TOKENSFILE",
        "UNDERSTUDY_STICKYKEYFILE", "tokenFile",
        "secret.files[0]", "x.token.uri",
        "secretName", "server.ssl.key-store-type",
        "x.compass", "x.bypass",
        "monkeys"
      })
  void name_of_the_place_of_a_secret_or_of_none(String name) {
    assertThat(Disclosure.isSecretName(name)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Path=/a,/b                       | Path=/a,/b
          AddRequestHeader=X-Key, hunter22 | AddRequestHeader=X-Key,***
          AddRequestHeader=X-Key: hunter22, a | AddRequestHeader=***
          AddRequestHeader=X-Key=hunter22, a  | AddRequestHeader=***
          Header=X Key hunter22, a         | Header=***
          AddRequestHeader=X-Key           | AddRequestHeader=***
          SetPath=/hunter22                | SetPath=***
          hunter22 =                       | ***
          ForwardAuth=pool://auth/?key=hunter22 | ForwardAuth=***
          ForwardAuth=https://svc:hunter22@auth/verify | ForwardAuth=***
          Path=/a?                         | Path=/a?
          ForwardAuth=pool://auth/, Remote-User | ForwardAuth=pool://auth/, Remote-User
          """)
  void short_form_of_a_part(String written, String shown) {
    assertThat(Disclosure.shortForm(written)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "path-prefix(/admin), true",
    "host(a) and method(POST), true",
    "tls-server-name(a), true",
    "'header(x, hunter22)', false",
    "'header-prefix(x, hunter22)', false",
    "'not cookie (x, hunter22)', false",
    "query-string-contains(hunter22), false",
    "target(/?key=hunter22), false",
    "target-contains(hunter22), false",
    "'response-header-matches(x, hunter22)', false",
    "'variable-prefix(x, hunter22)', false"
  })
  void a_condition_is_shown_unless_it_may_compare_a_secret(String condition, boolean shown) {
    RoutePart part = new RoutePart("Deny", Map.of(RoutePart.generatedKey(0), "403"), condition);
    assertThat(Disclosure.text(part)).isEqualTo("Deny=403 when " + (shown ? condition : "***"));
  }
}
