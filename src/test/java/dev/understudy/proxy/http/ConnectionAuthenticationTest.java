package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionAuthenticationTest {
  private static boolean isOffered(int status, String field, String... values) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    response.headers().add(field, List.of(values));
    return ConnectionAuthentication.isOffered(response);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NTLM",
        "ntlm TlRMTVNTUAAB",
        "Negotiate",
        "Negotiate YIIB==",
        "Nego2",
        "Basic realm=\"x\", Negotiate",
        "Basic,\tNTLM"
      })
  void these_challenges_authenticate_a_connection(String challenge) {
    assertThat(isOffered(401, "WWW-Authenticate", challenge)).isTrue();
    assertThat(isOffered(401, "WWW-Authenticate", "Basic", challenge)).isTrue();
    assertThat(isOffered(407, "Proxy-Authenticate", challenge)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | WWW-Authenticate | Basic realm=\"NTLM\"",
        "401 | WWW-Authenticate | Bearer",
        "401 | WWW-Authenticate | ''",
        "401 | Proxy-Authenticate | NTLM",
        "407 | WWW-Authenticate | NTLM",
        "200 | WWW-Authenticate | Bearer",
        "403 | WWW-Authenticate | NTLM"
      })
  void these_do_not(int status, String field, String challenge) {
    assertThat(isOffered(status, field, challenge)).isFalse();
  }

  @Test
  void credentials_show_it_too() {
    for (String used : List.of("NTLM TlRM", "negotiate YIIB")) {
      assertThat(
              ConnectionAuthentication.isUsed(new DefaultHttpHeaders().add("authorization", used)))
          .isTrue();
    }
    for (String other : List.of("Basic TlRM", "Bearer NTLM", "")) {
      assertThat(
              ConnectionAuthentication.isUsed(new DefaultHttpHeaders().add("authorization", other)))
          .isFalse();
    }
    assertThat(ConnectionAuthentication.isUsed(new DefaultHttpHeaders())).isFalse();
  }
}
