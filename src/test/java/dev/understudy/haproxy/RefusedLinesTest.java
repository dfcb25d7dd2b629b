package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.haproxy.HaproxyImport.Unreadable;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What HAProxy itself refuses is named with its line and what was expected, and nothing else is:
 * {@code refused.txt} has lines of both kinds, which {@code HaproxyRefusalsIT} puts to HAProxy.
 */
@Tag(Extent.FULL)
class RefusedLinesTest {
  @Test
  void lines_that_haproxy_refuses_are_named_and_others_are_not() throws IOException {
    List<RefusedLines.Row> rows = RefusedLines.all();
    List<String> wrong = new ArrayList<>();
    for (RefusedLines.Row row : Extent.sample(rows)) {
      Result result = Imports.of(row.text());
      boolean named =
          result instanceof Unreadable
              && result.report().startsWith("haproxy.cfg:" + row.number() + ": ")
              && result.report().contains("expected");
      if (row.isRefused() ? !named : !(result instanceof Imported)) {
        wrong.add(row + ": " + result.report().lines().findFirst().orElse(""));
      }
    }
    assertThat(rows).hasSizeGreaterThan(400);
    assertThat(wrong).isEmpty();
  }

  @Rows(
      """
      http-request deny foo | expected 'http-request deny
      http-request deny foo | found 'foo'
      http-request set-header A b c | expected 'http-request set-header NAME FORMAT [if|unless CONDITION]', found 'c'
      use_backend app foo | expected 'use_backend BACKEND [if|unless CONDITION]', found 'foo'
      timeout client 5s foo | expected 'timeout client TIME', found 'foo'
      timeout client 99999999999 | expected 'timeout client TIME', found '99999999999'
      http-request set-var(a) path | expected 'set-var(SCOPE.NAME)', found 'set-var(a)'
      http-request track-sc0 src table nope | expected the name of a section with a stick-table
      http-request return errorfiles nope | expected the name of an http-errors section
      no timeout client | expected 'option' or 'log' after no and default
      server a 127.0.0.1:1 | expected 'server' in a backend or listen section only
      bind :81 ssl crt a verify x | expected 'verify none|optional|required', found 'x'
      bind 300.1.1.1:80 | expected an IP address in '300.1.1.1:80'
      """)
  void a_message_says_what_was_expected(String line, String message) {
    assertThat(Imports.problems(Imports.front(line)))
        .startsWith("haproxy.cfg:9: ")
        .contains(message);
  }

  @Rows(
      """
      frontend web\\n  mode http\\n  bind :82 | expected each frontend once: line 6 has the name 'web', too
      backend a!b\\n  mode http | expected a name of letters, digits
      backend b\\n  server a 127.0.0.1:1\\n  server a 127.0.0.1:2 | expected each server of a section once
      backend b\\n  server a 127.0.0.1:1 resolvers nope | expected the name of a resolvers section
      backend b\\n  stick-table type ip size 1k peers nope | expected the name of a peers section
      frontend x\\n  mode http\\n  bind :83\\n  default_backend t\\nbackend t\\n  mode tcp\\n  server a 127.0.0.1:1 | expected a backend of mode http, found 't' of mode tcp
      defaults from nope | expected the name of a defaults section, found 'nope'
      http-errors | expected a name of letters, digits
      """)
  void names_that_are_given_twice_or_are_of_nothing_are_told(String section, String message) {
    assertThat(Imports.problems(Imports.front() + section.replace("\\n", "\n") + "\n"))
        .contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "global\n  maxconn\n",
        "userlist u\n  user\n",
        "resolvers r\n  hold foo 5s\n",
        "http-errors e\n  errorfile 503\n",
      })
  void so_are_lines_of_other_sections(String section) {
    assertThat(Imports.problems(section + Imports.front())).startsWith("haproxy.cfg:2: expected '");
  }

  @Test
  void one_problem_of_a_line_is_reported() {
    assertThat(Imports.problems(Imports.front("timeout client x y")).lines()).hasSize(1);
  }
}
