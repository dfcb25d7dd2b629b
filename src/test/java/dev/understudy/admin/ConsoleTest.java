package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The console's page obeys the policy that it is sent with. */
class ConsoleTest {
  private static String file(String name) throws IOException {
    try (InputStream in = ConsoleTest.class.getResourceAsStream("console/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void the_page_loads_only_files_of_ours() throws IOException {
    List<String> loaded =
        Pattern.compile("(?:src|<link[^>]* href)=\"([^\"]*)\"")
            .matcher(file("index.html"))
            .results()
            .map(MatchResult::group)
            .map(text -> text.replaceAll(".*\"([^\"]*)\"$", "$1"))
            .toList();

    assertThat(loaded).isNotEmpty();
    assertThat(loaded).allSatisfy(path -> assertThat(Console.files()).containsKey("/" + path));
  }

  @Test
  void the_page_has_nothing_inline() throws IOException {
    assertThat(file("index.html"))
        .doesNotContain("<style", "style=", "onclick", "javascript:")
        .doesNotContainPattern("<script(?![^>]*src=)");
  }

  @Test
  void text_of_the_api_is_never_taken_for_markup() throws IOException {
    assertThat(file("console.js"))
        .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
  }

  @Test
  void the_page_knows_every_type_of_event_and_every_reason() throws IOException {
    String script = file("console.js");

    for (var event : dev.understudy.monitor.Event.class.getPermittedSubclasses()) {
      String type = event.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase();
      assertThat(script).contains("\"" + type + "\"");
    }
    for (var reason : dev.understudy.failover.Reason.values()) {
      assertThat(script).contains(reason + ": \"");
    }
  }

  @Test
  void the_page_shows_what_a_pool_says_of_itself() throws IOException {
    assertThat(file("console.js"))
        .contains("pool.failbackTo", "pool.failbackDue", "pool.failbackHeldBy", "pool.remark");
  }

  @Test
  void the_page_shows_the_contact_each_vote_and_the_decision() throws IOException {
    assertThat(file("console.js"))
        .contains(
            "api/agreement",
            "agreement.inTouch",
            "agreement.why",
            "agreement.skewed",
            "voter.counted",
            "voter.synced",
            "voter.ready",
            "voter.votes",
            "agreed.decidedBy",
            "agreed.local");
  }

  @Test
  void being_out_of_touch_is_an_alert() throws IOException {
    assertThat(file("index.html"))
        .contains("<p class=\"notice bad\" id=\"untouched\" role=\"alert\" hidden></p>")
        .containsPattern("<section[^>]* id=\"replicas\"[^>]* hidden>");
  }

  @Test
  void an_empty_history_is_not_claimed_before_it_was_read() throws IOException {
    assertThat(file("index.html")).containsPattern("<p[^>]* id=\"no-events\" hidden>");
    assertThat(file("console.js")).contains("!historyKnown ||");
  }
}
