package dev.understudy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.understudy.kubernetes.KubernetesSettings.Given;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesSettingsTest {
  private static final Map<String, String> POD =
      Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "6443");

  @TempDir private Path serviceAccount;

  @BeforeEach
  void mountServiceAccount() throws IOException {
    Files.writeString(serviceAccount.resolve("token"), "t");
    Files.writeString(serviceAccount.resolve("ca.crt"), "c");
    Files.writeString(serviceAccount.resolve("namespace"), "shop\n");
  }

  private KubernetesSettings of(Given given, Map<String, String> environment) {
    return KubernetesSettings.of(
        given, "understudy", "proxy-1", null, environment::get, serviceAccount);
  }

  private KubernetesSettings url(String url) {
    return of(new Given(url, null, null, null), Map.of());
  }

  @Test
  void a_pod_needs_no_settings() {
    KubernetesSettings settings = of(Given.NOTHING, POD);
    assertThat(settings.url()).isEqualTo(URI.create("https://10.96.0.1:6443"));
    assertThat(settings.namespace()).isEqualTo("shop");
    assertThat(settings.tokenFile()).isEqualTo(serviceAccount.resolve("token"));
    assertThat(settings.caFile()).isEqualTo(serviceAccount.resolve("ca.crt"));
  }

  @Test
  void an_ipv6_cluster_s_address_is_put_in_brackets() {
    assertThat(of(Given.NOTHING, Map.of("KUBERNETES_SERVICE_HOST", "fd00::1")).url())
        .isEqualTo(URI.create("https://[fd00::1]:443"));
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8001, http://127.0.0.1:8001",
    "https://api.example/, https://api.example",
    "https://rancher.example/k8s/clusters/c-1/, https://rancher.example/k8s/clusters/c-1",
    "https://[::1]:6443, https://[::1]:6443"
  })
  void a_url_may_be_that_of_a_proxy(String given, String expected) {
    assertThat(url(given).url()).isEqualTo(URI.create(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"api", "api:443", "ftp://api", "https://", "https://a b", "https:///x", "//api"})
  void a_wrong_url_is_reported_with_the_expected_form(String wrong) {
    refuses(() -> url(wrong), "understudy.agreement.kubernetes.url", wrong, "expected");
  }

  @Test
  void a_url_with_a_password_is_refused_without_showing_it() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> url("https://user:secret@api"))
        .withMessageContaining("user")
        .withMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "namespace, understudy.agreement.kubernetes.namespace",
    "token, automountServiceAccountToken"
  })
  void a_file_that_a_pod_lacks_is_reported(String file, String said) throws IOException {
    Files.delete(serviceAccount.resolve(file));
    refuses(() -> of(Given.NOTHING, POD), said);
  }

  @Test
  void what_must_be_set_and_is_not_there_is_reported() {
    refuses(
        () -> of(Given.NOTHING, Map.of()),
        "understudy.agreement.kubernetes.url",
        "KUBERNETES_SERVICE_HOST");
    refuses(
        () -> of(new Given(null, null, "/nowhere/token", null), POD),
        "token-file",
        "/nowhere/token");
  }

  private static void refuses(ThrowingCallable making, String... said) {
    assertThatIllegalArgumentException().isThrownBy(making).withMessageContainingAll(said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Shop", "a/b", "-a", "a.b", "../x"})
  void a_malformed_namespace_is_reported(String wrong) {
    refuses(() -> of(new Given(null, wrong, null, null), POD), "\"" + wrong + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Understudy", "a.b", "a-", "a23456789-123456789-123456789-123456789-x"})
  void a_prefix_that_cannot_begin_a_lease_name_is_reported(String wrong) {
    refuses(
        () ->
            KubernetesSettings.of(Given.NOTHING, wrong, "proxy-1", null, POD::get, serviceAccount),
        "understudy.agreement.name");
  }

  @Test
  void a_url_without_credentials_is_used_without() throws IOException {
    Files.delete(serviceAccount.resolve("token"));
    Files.delete(serviceAccount.resolve("ca.crt"));
    KubernetesSettings settings = url("http://127.0.0.1:8001");
    assertThat(settings.tokenFile()).isNull();
    assertThat(settings.caFile()).isNull();
  }
}
