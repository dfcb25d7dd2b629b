package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.traffic.ClientSide;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogFieldsTest {
  private static final LogFields FIELDS =
      LogFields.of(List.of("{header.X-Tenant}", "{cookie.lang}", "{response.header.X-Cache}"));

  private static final ClientSide WEB =
      new ClientSideOf("web", 8443, "TLSv1.3", "TLS_AES_128_GCM_SHA256");

  private static final RequestOutcome OUTCOME = outcome(null);

  private static RequestOutcome outcome(ClientSide side) {
    InetSocketAddress client = new InetSocketAddress("127.0.0.1", 4711);
    return RequestOutcome.local(
        null, client, side, "id", "GET", "", "/", 200, RequestEnd.COMPLETED, 0, 0);
  }

  @Test
  void values_are_of_the_connection_too() {
    String names =
        "client.port listener listener.port tls.version tls.cipher tls.server-name tls.subject";
    LogFields fields = LogFields.of(Stream.of(names.split(" ")).map("{%s}"::formatted).toList());
    HttpHeaders none = EmptyHttpHeaders.INSTANCE;
    assertThat(fields.read(outcome(WEB), none, null))
        .containsExactly("4711", "web", "8443", "TLSv1.3", "TLS_AES_128_GCM_SHA256", null, null);
    assertThat(fields.read(OUTCOME, none, null))
        .containsExactly("4711", null, null, null, null, null, null);
    assertThat(fields.key(2)).isEqualTo("listener.port");
  }

  private static HttpHeaders headers(String... fields) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (String field : fields) {
      int colon = field.indexOf(": ");
      headers.add(field.substring(0, colon), field.substring(colon + 2));
    }
    return headers;
  }

  @Test
  void values_are_of_the_request_and_of_the_response() {
    assertThat(
            FIELDS.read(
                OUTCOME,
                headers("x-tenant: a", "X-Tenant: b", "Cookie: a=b; lang=en", "X-Cache: no"),
                headers("x-cache: HIT")))
        .containsExactly("b", "en", "HIT");
    assertThat(FIELDS.key(0)).isEqualTo("header.X-Tenant");
    assertThat(FIELDS.key(2)).isEqualTo("response.header.X-Cache");
  }

  @Test
  void an_absent_value_is_null_and_a_long_one_cut() {
    assertThat(FIELDS.read(OUTCOME, headers("Cookie: other=1"), null))
        .containsExactly(null, null, null);
    assertThat(FIELDS.read(OUTCOME, headers("X-Tenant: " + "x".repeat(9_000)), null)[0])
        .hasSize(256)
        .endsWith("...");
  }

  @Test
  void without_fields_nothing_is_read() {
    assertThat(LogFields.of(List.of())).isSameAs(LogFields.NONE);
    assertThat(LogFields.NONE.read(OUTCOME, EmptyHttpHeaders.INSTANCE, null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "header.X", "{header.}", "{header.a b}", "{time}", "{header.a}x"})
  void other_texts_are_refused(String text) {
    assertThatThrownBy(() -> LogFields.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "expected {header.NAME}, {cookie.NAME}, {response.header.NAME}, {client.port}, {");
  }

  @Test
  void their_number_is_bounded() {
    assertThatThrownBy(() -> LogFields.of(Collections.nCopies(21, "{header.a}")))
        .hasMessageContaining("at most 20 fields, found 21");
  }
}
