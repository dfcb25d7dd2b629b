package dev.understudy.proxy.errorpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.PoolId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which template a response has, and what the built-in ones say. */
class ErrorPageTableTest {
  private static final PoolId SHOP = new PoolId("shop");
  private static final PoolId OTHER = new PoolId("other");

  private static String page(PageTemplate template, int status) {
    PageValues values = new PageValues(status, "Reason", "id-1", 2, 7);
    return new String(template.fill(values), StandardCharsets.UTF_8);
  }

  private static String html(ErrorPageTable table, PoolId pool, int status) {
    return page(table.html(pool, status, false), status);
  }

  private static String json(ErrorPageTable table, PoolId pool, int status) {
    return page(table.json(pool, status), status);
  }

  @Test
  void the_page_of_the_pool_comes_before_the_general_one_and_that_before_the_built_in_one() {
    ErrorPageTable table =
        ErrorPageTable.of(
            new ErrorPages(
                Map.of(
                    503, new ErrorPage("general", "{\"by\":\"general\"}"),
                    502, new ErrorPage("general", null)),
                Map.of(SHOP, Map.of(503, new ErrorPage("shop", null)), OTHER, Map.of())));

    assertThat(html(table, SHOP, 503)).isEqualTo("shop");
    assertThat(json(table, SHOP, 503)).isEqualTo("{\"by\":\"general\"}");
    assertThat(html(table, OTHER, 503)).isEqualTo("general");
    assertThat(html(table, null, 503)).isEqualTo("general");
    assertThat(html(table, SHOP, 502)).isEqualTo("general");
    assertThat(json(table, SHOP, 502)).contains("about:blank");
    assertThat(html(table, SHOP, 404)).contains("<h1>This page does not exist</h1>");
  }

  @Test
  void the_built_in_page_of_maintenance_does_not_alarm() {
    for (boolean refreshes : List.of(true, false)) {
      assertThat(page(ErrorPageTable.DEFAULT.html(SHOP, ErrorPages.MAINTENANCE, refreshes), 503))
          .contains(
              "<p class=\"status\">Maintenance</p>", "<h1>This service is being worked on</h1>")
          .doesNotContain("Error", "LABEL", "HEADING", "TEXT", "NEXT", "503");
    }
    JsonNode json =
        JsonMapper.shared()
            .readTree(page(ErrorPageTable.DEFAULT.json(SHOP, ErrorPages.MAINTENANCE), 503));
    assertThat(json.path("status").asInt()).isEqualTo(503);
    assertThat(json.path("detail").asString()).contains("in maintenance");
  }

  @Test
  void the_page_of_503_is_none_of_maintenance() {
    ErrorPageTable table =
        ErrorPageTable.of(
            new ErrorPages(
                Map.of(
                    503,
                    new ErrorPage("alarming", null),
                    ErrorPages.MAINTENANCE,
                    new ErrorPage("calm", null)),
                Map.of(SHOP, Map.of(503, new ErrorPage("shop", null)))));

    assertThat(html(table, SHOP, ErrorPages.MAINTENANCE)).isEqualTo("calm");
    assertThat(html(table, SHOP, 503)).isEqualTo("shop");
    assertThat(html(ErrorPageTable.DEFAULT, SHOP, ErrorPages.MAINTENANCE))
        .contains("This service is being worked on");
  }

  static List<Integer> statuses() {
    return IntStream.rangeClosed(400, 599).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void every_status_has_built_in_pages_with_the_request_id(int status) {
    for (boolean refreshes : List.of(true, false)) {
      String html = page(ErrorPageTable.DEFAULT.html(null, status, refreshes), status);
      assertThat(html)
          .startsWith("<!doctype html>")
          .contains("<html lang=\"en\">", "Error " + status, "<code>id-1</code>")
          .doesNotContain(
              "HEADING", "TEXT", "NEXT", "<script", "src=", "http://", "https://", "url(")
          .doesNotContainIgnoringCase("understudy");
      assertThat(html.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(4096);
    }
    JsonNode json =
        JsonMapper.shared().readTree(page(ErrorPageTable.DEFAULT.json(null, status), status));
    assertThat(json.path("status").asInt()).isEqualTo(status);
    assertThat(json.path("title").asString()).isEqualTo("Reason");
    assertThat(json.path("requestId").asString()).isEqualTo("id-1");
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 504})
  void a_built_in_page_says_that_it_is_loaded_again_only_if_it_is(int status) {
    assertThat(page(ErrorPageTable.DEFAULT.html(null, status, true), status))
        .contains("This page tries again by itself in 7&nbsp;seconds.", "<a href=\"\">");
    assertThat(page(ErrorPageTable.DEFAULT.html(null, status, false), status))
        .doesNotContain("by itself", "<a ");
  }
}
