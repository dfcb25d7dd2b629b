package dev.understudy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers keep of the console, and what they ask for again. */
class ConsoleCachingTest extends OnSharedServer {
  private static String header(HttpHeaders headers, String name) {
    return headers.firstValue(name).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/favicon.svg"})
  void the_page_is_checked_each_time(String path) {
    HttpHeaders headers = server.get(path).headers();

    assertThat(header(headers, "Cache-Control")).isEqualTo("no-cache");
    assertThat(header(headers, "ETag")).startsWith("W/\"");
  }

  @Test
  void an_unchanged_page_is_a_304_with_the_headers_of_the_200() {
    String tag = header(server.get("/").headers(), "ETag");

    HttpResponse<String> second = server.send(server.request("/").header("If-None-Match", tag));

    assertThat(second.statusCode()).isEqualTo(304);
    assertThat(second.body()).isEmpty();
    assertThat(header(second.headers(), "ETag")).isEqualTo(tag);
    assertThat(header(second.headers(), "Cache-Control")).isEqualTo("no-cache");
    assertThat(second.headers().allValues("Content-Security-Policy"))
        .containsExactly(Console.CONTENT_SECURITY_POLICY);
  }

  @ParameterizedTest
  @CsvSource({
    "app/main.js, text/javascript",
    "lib/directives/repeat.js, text/javascript",
    "console.css, text/css"
  })
  void what_the_page_loads_is_kept_under_the_name_of_its_content(String file, String type)
      throws Exception {
    ConsoleFiles files = ConsoleFiles.load();
    HttpResponse<String> response = server.get("/assets/" + files.hash() + "/" + file);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response.headers(), "Cache-Control")).contains("immutable");
    assertThat(header(response.headers(), "Content-Type")).isEqualTo(type + ";charset=utf-8");
    assertThat(response.body()).isEqualTo(new String(files.assets().get(file).bytes(), UTF_8));
  }
}
