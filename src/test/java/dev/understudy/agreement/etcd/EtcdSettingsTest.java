package dev.understudy.agreement.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.understudy.testing.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is named: where, what is expected, what was found. */
class EtcdSettingsTest {
  private static final List<String> URLS = List.of("http://etcd-0:2379");
  private static final String PREFIX = "/understudy/shop/";
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static void rejects(String message, Runnable making) {
    assertThatIllegalArgumentException().isThrownBy(making::run).withMessage(message);
  }

  private static EtcdSettings with(
      @Nullable String username, @Nullable Path password, Duration timeout, Duration ttl) {
    return new EtcdSettings(URLS, PREFIX, username, password, timeout, ttl);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://etcd-0:2379",
        "https://etcd.shop.svc:2379/",
        "http://[::1]:2379",
        "https://gate:443/etcd"
      })
  void good_urls(String url) {
    assertThat(EtcdSettings.of(List.of(url), PREFIX).urls().getFirst())
        .isEqualTo(url.replaceAll("/$", ""));
  }

  @Rows(
      """
      etcd-0:2379 | "etcd-0:2379"
      http://etcd-0 | "http://etcd-0"
      HTTP://etcd-0:2379 | "HTTP://etcd-0:2379"
      ftp://etcd-0:2379 | "ftp://etcd-0:2379"
      http://etcd-0:99999 | "http://etcd-0:99999"
      http://etcd-0:2379?a=b | "http://etcd-0:2379?a=b"
      http://a b:2379 | "http://a b:2379"
      """)
  void bad_urls(String url, String found) {
    rejects(
        "understudy.agreement.etcd.urls[1]: expected http or https, host and port, such as"
            + " http://etcd-0:2379, found "
            + found,
        () -> EtcdSettings.of(List.of("http://good:2379", url), PREFIX));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://me:secret@etcd-0:2379", "http://me:secr et@etcd-0:2379"})
  void passwords_in_urls_are_not_shown(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EtcdSettings.of(List.of(url), PREFIX))
        .withMessageStartingWith("understudy.agreement.etcd.urls[0]: expected http or https")
        .withMessageNotContainingAny("found", "secr");
  }

  @Test
  void the_number_of_urls() {
    rejects(
        "understudy.agreement.etcd.urls: expected 1 to 16, found 0 URLs",
        () -> EtcdSettings.of(List.of(), PREFIX));
    rejects(
        "understudy.agreement.etcd.urls: expected 1 to 16, found 17 URLs",
        () -> EtcdSettings.of(Collections.nCopies(17, "http://a:1"), PREFIX));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/understudy/shop", "/under study/", "/ü/", "/a\n/"})
  void bad_prefixes(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EtcdSettings.of(URLS, prefix))
        .withMessageStartingWith("understudy.agreement.etcd.prefix: expected ")
        .withMessageContaining("ends with \"/\"")
        .withMessageMatching("[^\n]*");
  }

  @Test
  void username_and_password_file_go_together() {
    Path file = Path.of("password");
    assertThat(with("a", file, SECOND, SECOND).username()).isEqualTo("a");
    rejects(
        "understudy.agreement.etcd.password-file: expected a path, as there is a username, found"
            + " nothing",
        () -> with("a", null, SECOND, SECOND));
    rejects(
        "understudy.agreement.etcd.username: expected a name, as there is a password-file, found"
            + " nothing",
        () -> with(null, file, SECOND, SECOND));
    rejects(
        "understudy.agreement.etcd.username: expected a name, or none, found a blank",
        () -> with(" ", file, SECOND, SECOND));
  }

  @Test
  void times_are_within_their_bounds() {
    rejects(
        "understudy.agreement.etcd.timeout: expected more than 0 and at most 60s, found PT0S",
        () -> with(null, null, Duration.ZERO, SECOND));
    rejects(
        "understudy.agreement.etcd.voter-ttl: expected 1s to 24h, found PT0.999S",
        () -> with(null, null, SECOND, Duration.ofMillis(999)));
  }
}
