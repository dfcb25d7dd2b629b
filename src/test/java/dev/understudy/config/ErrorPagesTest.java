package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.PoolId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code error-pages}: which page each status has, and every problem of them with its line. */
class ErrorPagesTest {
  private static final PoolId SENSE = new PoolId("sense");

  @TempDir private Path directory;

  @BeforeEach
  void pages() throws IOException {
    write("a.html", "<p>a</p>");
    write("b.html", "<p>b</p>");
    write("a.json", "{ \"id\": \"{request-id}\", \"wait\": {retry-after} }");
  }

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** The dynamic file, with these lines in its pool from line 5 on and those at its end. */
  private LoadResult load(String ofPool, String general) throws IOException {
    Path file = write("gateway.yaml", Texts.POOL + ofPool.indent(4) + Texts.ROUTE + general);
    return new ConfigLoader(Map.of("DIR", directory.toString())::get, RouteChecker.NONE).load(file);
  }

  private ErrorPages good(String ofPool, String general) throws IOException {
    return Texts.good(load(ofPool, general)).errorPages();
  }

  /** Requires the problems that stand in the lines of the pool, without the folder's name. */
  private void check(String ofPool) throws IOException {
    assertThat(Texts.problems(load(ofPool, "")))
        .extracting(problem -> problem.toString().replace(directory + "/", ""))
        .containsExactlyElementsOf(
            Texts.marked(Texts.POOL + ofPool, "gateway.yaml:%d: pools.sense.error-pages.%s"));
  }

  @Test
  void without_the_setting_there_are_none() throws IOException {
    assertThat(good("", "")).isEqualTo(ErrorPages.NONE);
  }

  @Test
  void a_path_is_relative_to_the_file_or_absolute_and_may_hold_placeholders() throws IOException {
    write("in/c.html", "c");
    ErrorPages pages =
        good(
            "error-pages: { 503: a.html, 502: in/c.html, 504: \"${DIR}/b.html\" }",
            "error-pages: { 404: " + directory.resolve("a.html") + " }\n");
    assertThat(pages.ofPools().get(SENSE))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                503, new ErrorPage("<p>a</p>", null),
                502, new ErrorPage("c", null),
                504, new ErrorPage("<p>b</p>", null)));
    assertThat(pages.general()).isEqualTo(Map.of(404, new ErrorPage("<p>a</p>", null)));
  }

  @Test
  void a_page_is_html_or_json_or_both() throws IOException {
    String json = Files.readString(directory.resolve("a.json"));
    assertThat(
            good("", "error-pages: { 503: { html: a.html, json: a.json }, 502: a.json }\n")
                .general())
        .isEqualTo(Map.of(503, new ErrorPage("<p>a</p>", json), 502, new ErrorPage(null, json)));
  }

  @Test
  void a_status_of_its_own_comes_before_its_class_in_each_language() throws IOException {
    Map<Integer, ErrorPage> pages =
        good("", "error-pages: { 5xx: { html: a.html, json: a.json }, 503: b.html }\n").general();
    String json = Files.readString(directory.resolve("a.json"));
    assertThat(pages).hasSize(100);
    assertThat(pages.get(503)).isEqualTo(new ErrorPage("<p>b</p>", json));
    assertThat(pages.get(500)).isEqualTo(new ErrorPage("<p>a</p>", json));
    assertThat(pages.get(599)).isEqualTo(new ErrorPage("<p>a</p>", json));
    assertThat(pages).doesNotContainKeys(499, 600);
  }

  @Test
  void maintenance_has_a_page_of_its_own_which_no_class_of_status_gives_it() throws IOException {
    ErrorPages pages =
        good("error-pages: { maintenance: b.html, 5xx: a.html }", "error-pages: { 5xx: a.html }\n");
    assertThat(pages.ofPools().get(SENSE).get(ErrorPages.MAINTENANCE))
        .isEqualTo(new ErrorPage("<p>b</p>", null));
    assertThat(pages.general()).doesNotContainKey(ErrorPages.MAINTENANCE);
  }

  @Test
  void the_files_are_named_so_that_they_are_watched_even_if_one_is_missing() throws IOException {
    assertThat(load("error-pages: { 503: a.html }", "").namedFiles().paths())
        .containsExactly(directory.resolve("a.html"));
    assertThat(load("error-pages: { 503: none.html }", "").namedFiles().paths())
        .containsExactly(directory.resolve("none.html"));
  }

  @Test
  void files_that_cannot_be_used_are_problems_at_the_line_that_names_them() throws IOException {
    write("huge.html", "x".repeat(64 * 1024 + 1));
    write("most.html", "x".repeat(64 * 1024));
    write("empty.html", "");
    write("list.json", "[1]");
    write("broken.json", "{\n  \"a\": {request-id}\n}");
    Files.write(directory.resolve("latin.html"), new byte[] {'g', (byte) 0xfc});
    check(
        """
        error-pages:
          400: none.html #! 400: expected a readable file (it does not exist), found "none.html"
          401: huge.html #! 401: expected a file of at most 64 KB, found "huge.html"
          402: most.html
          403: empty.html #! 403: expected a file that is not empty, found "empty.html"
          404: list.json #! 404: expected a file with a JSON object, found "list.json"
          405:
            html: . #! 405.html: expected a readable file (it is a directory), found "."
            json: broken.json #! 405.json: expected a file with a JSON object (line 2 of the file is not JSON), found "broken.json"
          406: latin.html #! 406: expected a file in UTF-8, found "latin.html"
          407: "${NONE}" #! 407: expected the environment variable or system property 'NONE' to be set, or a default: ${NONE:default}, found "${NONE}"
        """);
  }

  @Test
  void what_is_no_page_is_a_problem_at_its_line() throws IOException {
    check(
        """
        error-pages:
          200: a.html #! 200: expected the name to be a status from 400 to 599, or 4xx, 5xx or maintenance, found "200"
          6xx: a.html #! 6xx: expected the name to be a status from 400 to 599, or 4xx, 5xx or maintenance, found "6xx"
          404: [ a.html ] #! 404: expected the path of a file, or a map with html and json, found a list
          500: {} #! 500: expected html, json or both, found a map
          501: { htlm: a.html } #! 501.htlm: unknown key, did you mean "html"?
          502: { html: { a: b } } #! 502.html: expected the path of a file, found a map
          503: #! 503: expected a value, found nothing
          504: "" #! 504: expected the path of a file, found ""
        """);
  }

  @Test
  void more_than_a_hundred_different_files_are_a_problem() throws IOException {
    StringBuilder ofPool = new StringBuilder("error-pages:\n");
    for (int i = 0; i < 100; i++) {
      write("p" + i + ".html", "p");
      ofPool.append("  ").append(400 + i).append(": p").append(i).append(".html\n");
    }
    assertThat(Texts.problems(load(ofPool.toString(), ""))).isEmpty();
    assertThat(Texts.problems(load(ofPool.toString(), "error-pages: { 503: p7.html }\n")))
        .isEmpty();
    assertThat(Texts.problems(load(ofPool.toString(), "error-pages: { 503: a.html }\n")))
        .singleElement()
        .asString()
        .contains("expected at most 100 different files of error pages in all");
  }
}
