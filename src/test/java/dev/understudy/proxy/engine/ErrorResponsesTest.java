package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.errorpage.ErrorPageTable;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields of error responses, and when browsers load a page again. */
class ErrorResponsesTest {
  private static final PoolId POOL = new PoolId("p");

  private final ErrorResponses errors = new ErrorResponses();

  private LocalResponse response(int status, String method, String accept, long retryAfter) {
    HttpHeaders request = new DefaultHttpHeaders().set("accept", accept);
    return errors.of(status, POOL, HttpMethod.valueOf(method), request, "id-1", retryAfter);
  }

  private HttpHeaders fields(int status, String method, String accept, long retryAfter) {
    return response(status, method, accept, retryAfter).head().headers();
  }

  private void use(String html) {
    Map<Integer, ErrorPage> pages = Map.of(503, new ErrorPage(html, null));
    errors.use(ErrorPageTable.of(new ErrorPages(pages, Map.of())));
  }

  @ParameterizedTest
  @CsvSource({
    "502, GET, text/html, true",
    "503, GET, 'text/html,*/*;q=0.8', true",
    "504, GET, TEXT/HTML, true",
    "500, GET, text/html, false",
    "404, GET, text/html, false",
    "503, POST, text/html, false",
    "503, HEAD, text/html, true",
    "503, GET, application/json, false",
    "503, GET, */*, false",
  })
  void only_a_page_in_response_to_get_or_head_is_loaded_again_and_only_where_that_may_help(
      int status, String method, String accept, boolean refreshes) {
    assertThat(fields(status, method, accept, 2).contains("refresh")).isEqualTo(refreshes);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 500, 502, 503, 504})
  void head_has_the_fields_of_get(int status) {
    HttpHeaders get = fields(status, "GET", "text/html", 20);
    HttpHeaders head = fields(status, "HEAD", "text/html", 20);
    // Random, and of two digits.
    assertThat(head.contains("refresh")).isEqualTo(get.contains("refresh"));
    assertThat(head.remove("refresh")).isEqualTo(get.remove("refresh"));
  }

  @ParameterizedTest
  @CsvSource({"2, 2, 10", "0, 5, 13", "8, 8, 16", "60, 60, 120"})
  void browsers_come_back_spread_over_time_and_not_before_retry_after(
      long retryAfter, long earliest, long latest) {
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      seen.add(Long.valueOf(fields(503, "GET", "text/html", retryAfter).get("refresh")));
    }
    assertThat(seen).allSatisfy(each -> assertThat(each).isBetween(earliest, latest));
    assertThat(seen).hasSizeGreaterThan(6);
  }

  @Test
  void the_field_and_the_page_name_the_same_second() {
    use("{retry-after} {refresh}");
    LocalResponse response = response(503, "GET", "text/html", 3);
    assertThat(new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo("3 " + response.head().headers().get("refresh"));
  }

  @Test
  void a_page_that_refreshes_itself_gets_no_field() {
    use("<meta http-equiv=\"refresh\" content=\"{refresh}\">");
    assertThat(fields(503, "GET", "text/html", 2).contains("refresh")).isFalse();
    assertThat(fields(502, "GET", "text/html", 2).contains("refresh")).isTrue();
  }

  @Test
  void retry_after_is_a_field_of_503_alone() {
    assertThat(fields(503, "POST", "*/*", 2).get("retry-after")).isEqualTo("2");
    assertThat(fields(503, "POST", "*/*", 0).contains("retry-after")).isFalse();
    assertThat(fields(502, "POST", "*/*", 2).contains("retry-after")).isFalse();
  }

  @Test
  void every_error_response_is_framed_not_kept_and_carries_the_request_id() {
    LocalResponse response = response(404, "GET", "text/html", 0);
    HttpHeaders fields = response.head().headers();
    assertThat(fields.get("content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(fields.get("content-length")).isEqualTo("" + response.body().length);
    assertThat(fields.get("cache-control")).isEqualTo("no-store");
    assertThat(fields.get("vary")).isEqualTo("accept");
    assertThat(fields.get("x-request-id")).isEqualTo("id-1");
  }

  @Test
  void without_accept_the_response_is_json() {
    HttpHeaders none = new DefaultHttpHeaders();
    assertThat(
            errors.of(404, null, HttpMethod.GET, none, "a", 0).head().headers().get("content-type"))
        .isEqualTo("application/problem+json");
  }
}
