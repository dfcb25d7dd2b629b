package dev.understudy.conformance.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests of the console's pure modules, which are JavaScript themselves, in Chromium. */
class ConsoleModulesIT {
  private static MockReplica replica;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    replica = new MockReplica(1);
    chromium = new Chromium();
  }

  @AfterAll
  static void stop() {
    chromium.close();
    replica.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"state-tests.js", "table-tests.js", "text-tests.js"})
  @SuppressWarnings("unchecked")
  void modules_do_as_their_tests_say(String script) {
    try (Page page = chromium.browser().newPage()) {
      page.navigate(replica.url());

      List<Map<String, Object>> results =
          (List<Map<String, Object>>)
              page.evaluate(
                  "name => import('/test/' + name).then(module => module.results)", script);

      assertThat(results).hasSizeGreaterThan(10);
      assertThat(results)
          .allSatisfy(
              result -> assertThat(result.get("error")).as("%s", result.get("name")).isNull());
    }
  }

  @Test
  void a_response_that_breaks_off_is_a_failure_as_one_that_does_not_come() {
    try (Page page = chromium.browser().newPage()) {
      page.navigate(replica.url());

      Object failed =
          page.evaluate(
              """
              async () => {
                const broken = { start: (body) => body.error(new TypeError("cut")) };
                globalThis.fetch = async () => new Response(new ReadableStream(broken));
                const { Failure, read } = await import(new URL("api.js", document.querySelector("script[type=module]").src));
                return read("api/pools").then(
                  () => "read",
                  (failed) => failed instanceof Failure && failed.status);
              }
              """);

      assertThat(failed).isEqualTo(0);
    }
  }
}
