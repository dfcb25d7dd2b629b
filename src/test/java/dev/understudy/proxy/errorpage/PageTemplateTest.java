package dev.understudy.proxy.errorpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.errorpage.PageTemplate.Form;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a template's text and of the values in it. */
class PageTemplateTest {
  private static final PageValues VALUES = new PageValues(503, "Gone \"a\\b\" <i>&'", "id-1", 2, 7);

  private static String filled(Form form, String text) {
    return new String(PageTemplate.of(form, text).fill(VALUES), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "{request-id},id-1",
    "{status},503",
    "{retry-after},2",
    "{refresh},7",
    "a{status}b{status}c,a503b503c",
    "{status}{request-id},503id-1",
    "{{status}},{503}",
    "grüß {status} €,grüß 503 €",
    "'',''",
  })
  void a_placeholder_becomes_its_value(String template, String page) {
    assertThat(filled(Form.HTML, template)).isEqualTo(page);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"p { color: red }", "{", "{}", "{host}", "{ status }", "{Status}", "{status"})
  void all_other_text_stays_as_it_is(String text) {
    assertThat(filled(Form.HTML, text)).isEqualTo(text);
  }

  @Test
  void values_are_escaped_for_html() {
    assertThat(filled(Form.HTML, "{reason}"))
        .isEqualTo("Gone &quot;a\\b&quot; &lt;i&gt;&amp;&#39;");
  }

  @Test
  void values_are_escaped_for_json() {
    PageValues values = new PageValues(503, "a\"b\\c\nd'<", "id-1", 2, 7);
    byte[] page = PageTemplate.of(Form.JSON, "{\"r\":\"{reason}\"}").fill(values);
    assertThat(new String(page, StandardCharsets.UTF_8))
        .isEqualTo("{\"r\":\"a\\u0022b\\u005cc\\u000ad'<\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<meta http-equiv=\"refresh\" content=\"5\">",
        "<META HTTP-EQUIV=Refresh content=5>",
        "<meta content='5' http-equiv = 'refresh'>"
      })
  void a_refresh_of_its_own_is_found(String text) {
    assertThat(PageTemplate.of(Form.HTML, text).hasOwnRefresh()).isTrue();
    assertThat(PageTemplate.of(Form.JSON, text).hasOwnRefresh()).isFalse();
  }

  @Test
  void another_meta_element_is_no_refresh() {
    assertThat(
            PageTemplate.of(Form.HTML, "<meta http-equiv=\"content-language\"> refresh")
                .hasOwnRefresh())
        .isFalse();
  }
}
