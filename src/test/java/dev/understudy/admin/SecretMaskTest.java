package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is masked in settings, and what is not. */
@Tag(Extent.FULL)
class SecretMaskTest {
  private static final List<String> MASKED =
      List.of(
          """
          understudy.admin.token UNDERSTUDY_ADMIN_TOKEN understudy.agreement.etcd.password
          server.ssl.key-store-password server.ssl.keyStorePassword
          spring.ssl.bundle.pem.web.keystore.private-key
          SPRING_SSL_BUNDLE_PEM_WEB_KEYSTORE_PRIVATEKEY spring.ssl.bundle.jks.web.key.password
          some.api-key X-Api-Key Authorization Proxy-Authorization passphrase client.secret
          tokens[0] encryption.key spring.application.json SPRING_APPLICATION_JSON
          Spring.Application_Json
          management.opentelemetry.tracing.export.otlp.headers.x-tenant
          management.otlp.metrics.export.headers[x-tenant]
          management.otlp.metrics.export.headers
          MANAGEMENT_OTLP_METRICS_EXPORT_HEADERS_XTENANT understudy.notifications[0].url
          understudy.notifications[12].headers.x-tenant UNDERSTUDY_NOTIFICATIONS_0_URL
          """
              .split("\\s+"));

  @ParameterizedTest
  @FieldSource("MASKED")
  void values_of_such_names_are_masked(String name) {
    assertThat(new SecretMask().mask(name, "hunter22")).isEqualTo(SecretMask.MASK);
  }

  private static final List<String> KEPT =
      List.of(
          """
          understudy.admin.token-file understudy.sticky-key-file UNDERSTUDY_ADMIN_TOKEN_FILE
          server.port understudy.client.keep-alive
          spring.ssl.bundle.pem.web.keystore.certificate server.ssl.key-store-type
          server.forward-headers-strategy server.max-http-request-header-size
          understudy.client.max-header-size passive sticky
          """
              .split("\\s+"));

  @ParameterizedTest
  @FieldSource("KEPT")
  void values_of_other_names_are_kept(String name) {
    assertThat(new SecretMask().mask(name, "hunter22")).isEqualTo("hunter22");
  }

  @Rows(
      """
      http://user:pass@host:80/a            | http://***@host:80/a
      http://host:80/a@b                    | http://host:80/a@b
      http://user:p@ss@host                 | http://***@host
      http://user:p/a@ss@host/b             | http://***@host/b
      https://ghp0123456789@host/a          | https://***@host/a
      jdbc:postgresql://u:p@host/db         | jdbc:postgresql://***@host/db
      http://a:1,http://user:pass@b:2       | http://a:1,http://***@b:2
      http://a/b?sig=hunter22 c             | http://a/b?*** c
      http://[::1]:80/a@b                   | http://[::1]:80/a@b
      {"a":{"token":"hunter22"},"b":1}      | {"a":{"token":***
      {'admin.token' : 'hunter22'}          | {'admin.token' : ***
      {"tokens":["hunter22"]}               | {"tokens":***
      x Bearer abcdefgh.ijk= y              | x Bearer *** y
      Basic dXNlcjpwYXNz                    | Basic ***
      a basic idea                          | a basic ***
      a eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.sig b | a *** b
      -Djavax.net.ssl.trustStorePassword=changeit | -Djavax.net.ssl.trustStorePassword=***
      AddRequestHeader=X-Api-Key, ab cd     | AddRequestHeader=X-Api-Key, ***
      AddRequestHeader=Authorization, Basic dXNlcjpwYXNz | AddRequestHeader=Authorization, ***
      SetRequestHeader=Cookie, a=b          | SetRequestHeader=Cookie, ***
      Path=/tokens/**                       | Path=/tokens/**
      ${DB_HOST:db}                         | ${DB_HOST:db}
      1http://u:hunter22@a                  | 1http://***@a
      -http://u:hun/ter22@a                 | -http://***@a
      http://a/b,http://c/d?sig=hunter22    | http://a/b,http://c/d?***
      xeyJhbGciOiJIUzI1NiJ9.eyJzdWIi.sig    | x***
      """)
  void secrets_are_told_by_their_form_under_any_name(String value, String shown) {
    assertThat(new SecretMask().mask("some.name", value)).isEqualTo(shown);
  }

  /** Texts in which each form begins again and again, and is nowhere complete. */
  private static final List<String> BEGINNINGS =
      Extent.sample(
          List.of(
              "a://b:c",
              "a",
              "a://",
              "a://b:1",
              "token_",
              "token[",
              "eyJ",
              "eyJhbGciOiJIUzI1NiJ9",
              "-----BEGIN ",
              "bearer;",
              "token",
              "a@"));

  @ParameterizedTest
  @FieldSource("BEGINNINGS")
  @Timeout(60)
  void time_grows_with_the_text_and_not_with_its_square(String part) {
    String text = part.repeat(Extent.rounds(1_000_000) / part.length());
    assertThat(new SecretMask().mask("some.name", text).equals(text)).isTrue();
    String secret = new SecretMask().mask("some.name", text + " token=hunter22");
    assertThat(secret.endsWith("token=" + SecretMask.MASK)).isTrue();
  }

  @Rows(
      """
      -Dspring.application.json={"a":"hunter22"}  | -Dspring.application.json=***
      -Dunderstudy.admin.token=hunter22           | -Dunderstudy.admin.token=***
      -Dunderstudy.admin.token-file=/run/token    | -Dunderstudy.admin.token-file=/run/token
      -Dmanagement.otlp.metrics.export.headers.x=hunter22 | -Dmanagement.otlp.metrics.export.headers.x=***
      -Dx=http://u:hunter22@a                     | -Dx=http://***@a
      -javaagent:/a.jar=apikey=hunter22           | -javaagent:/a.jar=apikey=***
      -Xmx256m                                    | -Xmx256m
      """)
  void arguments_of_java_are_masked_by_their_name_and_form(String argument, String shown) {
    assertThat(new SecretMask().maskArgument(argument)).isEqualTo(shown);
  }

  @Test
  void a_header_that_counts_something_is_shown() {
    assertThat(new SecretMask().mask("UNDERSTUDY_CLIENT_MAX_HEADERS", "100")).isEqualTo("100");
  }

  @Test
  void private_key_is_masked_whole() {
    assertThat(
            new SecretMask()
                .mask(
                    "a",
                    "x\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----\n"))
        .isEqualTo("x\n" + SecretMask.MASK);
  }

  @Test
  void value_of_a_secret_is_masked_wherever_it_appears_again() {
    SecretMask secrets = new SecretMask();
    secrets.learn("understudy.admin.token", " hunter22 ");
    secrets.learn("etcd.password", "hunter22-long");
    secrets.learn("server.port", "8080");
    secrets.learn("a.token", "abc");
    assertThat(secrets.mask("some.url", "/x?t=hunter22&u=hunter22-long&p=8080&abc"))
        .isEqualTo("/x?t=***&u=***&p=8080&abc");
    assertThat(secrets.toString()).doesNotContain("hunter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${ADMIN_TOKEN}", "${file:/run/token}", ""})
  void reference_to_a_secret_is_none(String value) {
    SecretMask secrets = new SecretMask();
    secrets.learn("understudy.admin.token", value);
    assertThat(secrets.mask("understudy.admin.token", value)).isEqualTo(value);
    assertThat(secrets.mask("other", "x" + value)).isEqualTo("x" + value);
  }

  @Test
  void default_in_a_reference_may_be_the_secret() {
    assertThat(new SecretMask().mask("admin.token", "${ADMIN_TOKEN:hunter22}"))
        .isEqualTo(SecretMask.MASK);
  }
}
