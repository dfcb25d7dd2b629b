package dev.understudy.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestSyntaxTest {
  private static HttpRequest request(String method, String target, String... hosts) {
    HttpRequest request =
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target);
    for (String host : hosts) {
      request.headers().add("Host", host);
    }
    return request;
  }

  private static void refused(HttpRequest request) {
    assertThatThrownBy(() -> RequestSyntax.require(request))
        .isInstanceOf(RequestSyntax.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h", "Example.test:8080", "127.0.0.1",
        "[::1]", "[2001:db8::1]:443", "[fe80::1%25eth0]:1",
        "a_b~c", "a."
      })
  void a_host_has_a_name_or_an_address_and_perhaps_a_port(String host) {
    assertThatCode(() -> RequestSyntax.require(request("GET", "/", host)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ":80", "a b", "a/b", "a@b", "a:b",
        "a:1:2", "a\u00e9", "[::1", "[]", "[:]", "[1]",
        "[::g]", "[1:2:3:4:5:6:7:8:9]", "[::1]a", "::1", "[::1]:8a", "a?b",
        "a#b", "a\\b", "a\"b", "a..", "a..:80", "a..b",
        "..", "a%2e", "a%20", "%61", "a%"
      })
  void a_malformed_host_is_refused(String host) {
    refused(request("GET", "/", host));
  }

  @Test
  void one_host_and_no_more_is_needed_but_for_old_clients() {
    refused(request("GET", "/"));
    refused(request("GET", "/", "a", "a"));
    HttpRequest old = request("GET", "/");
    old.setProtocolVersion(HttpVersion.HTTP_1_0);
    assertThatCode(() -> RequestSyntax.require(old)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "HTTP/3.0"})
  void other_versions_are_refused(String version) {
    HttpRequest request = request("GET", "/", "h");
    request.setProtocolVersion(HttpVersion.valueOf(version));
    refused(request);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /",
    "GET, /a|{}^`\\<>\"[]~%zz?q=|{}",
    "GET, //x",
    "OPTIONS, *",
    "CONNECT, h:443",
    "get, /"
  })
  void a_target_of_any_form_passes_as_it_is(String method, String target) {
    HttpRequest request = request(method, target, "h");
    RequestSyntax.require(request);
    assertThat(request.uri()).isEqualTo(target);
    assertThat(request.headers().getAll("Host")).containsExactly("h");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, *",
    "GET, h:443",
    "GET, h",
    "GET, ftp://h/",
    "GET, http:/h/",
    "GET, http:///a",
    "GET, http://u@h/",
    "GET, /a#b",
    "GET, http://h/#b",
    "GET, /caf\u00e9",
    "GET, /a\u007f",
    "GET, /a\u0001b",
    "CONNECT, h@x",
    "GET, ''"
  })
  void a_malformed_target_is_refused(String method, String target) {
    refused(request(method, target, "h"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, http://Other:81/a?b, /a?b, Other:81",
    "GET, HTTPS://other, /, other",
    "GET, http://other?x, /?x, other",
    "GET, http://other//a/../b, //a/../b, other",
    "OPTIONS, http://other, *, other"
  })
  void the_authority_of_an_absolute_target_replaces_the_host(
      String method, String target, String origin, String host) {
    HttpRequest request = request(method, target, "h");
    RequestSyntax.require(request);
    assertThat(request.uri()).isEqualTo(origin);
    assertThat(request.headers().getAll("Host")).containsExactly(host);
  }

  @ParameterizedTest
  @CsvSource({
    "chunked, true",
    "Chunked, true",
    "'gzip, chunked', false",
    "identity, false",
    "'chunked, chunked', false",
    "xchunked, false",
    "'', false"
  })
  void the_only_transfer_coding_is_chunked(String coding, boolean good) {
    HttpRequest request = request("POST", "/", "h");
    request.headers().add("Transfer-Encoding", coding);
    if (good) {
      assertThatCode(() -> RequestSyntax.require(request)).doesNotThrowAnyException();
    } else {
      refused(request);
    }
  }
}
