package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.ReadAccess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;

/** What browsers keep of the console, and what they ask for again. */
class ConsoleCachingTest {
  private final WebTestClient client = client();

  private static WebTestClient client() {
    AccessRules guard =
        new AccessRules(AccessTokens.NONE, ReadAccess.OPEN, new RefusalLog(System::nanoTime));
    return WebTestClient.bindToRouterFunction(
            new AdminRoutes(List.of(new Console()), guard).router())
        .configureClient()
        .responseTimeout(Duration.ofMinutes(1))
        .build();
  }

  private EntityExchangeResult<byte[]> get(String path, String... headers) {
    WebTestClient.RequestHeadersSpec<?> request = client.get().uri(path);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request.exchange().expectBody().returnResult();
  }

  private static String assets() throws Exception {
    return "/assets/" + ConsoleFiles.load().hash() + "/";
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/favicon.svg"})
  void the_page_is_checked_each_time(String path) {
    HttpHeaders headers = get(path).getResponseHeaders();

    assertThat(headers.getCacheControl()).isEqualTo("no-cache");
    assertThat(headers.getETag()).startsWith("W/\"");
  }

  @Test
  void an_unchanged_page_is_a_304_with_the_headers_of_the_200() {
    HttpHeaders first = get("/").getResponseHeaders();

    EntityExchangeResult<byte[]> second = get("/", "If-None-Match", first.getETag());

    assertThat(second.getStatus().value()).isEqualTo(304);
    assertThat(second.getResponseBody()).isNull();
    assertThat(second.getResponseHeaders().getETag()).isEqualTo(first.getETag());
    assertThat(second.getResponseHeaders().getCacheControl()).isEqualTo("no-cache");
    assertThat(second.getResponseHeaders().getFirst("Content-Security-Policy"))
        .isEqualTo(Console.CONTENT_SECURITY_POLICY);
  }

  @ParameterizedTest
  @CsvSource({
    "app/main.js, text/javascript",
    "lib/directives/repeat.js, text/javascript",
    "console.css, text/css"
  })
  void what_the_page_loads_is_kept_under_the_name_of_its_content(String file, String type)
      throws Exception {
    EntityExchangeResult<byte[]> response = get(assets() + file);

    assertThat(response.getStatus().value()).isEqualTo(200);
    assertThat(response.getResponseHeaders().getCacheControl()).contains("immutable");
    assertThat(response.getResponseHeaders().getContentType()).hasToString(type + ";charset=utf-8");
    assertThat(response.getResponseBody())
        .isEqualTo(ConsoleFiles.load().assets().get(file).bytes());
  }
}
