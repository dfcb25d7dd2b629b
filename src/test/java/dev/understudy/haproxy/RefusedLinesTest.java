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
      if (row.isRefused() ? !named : !isRead(result)) {
        wrong.add(row + ": " + result.report().lines().findFirst().orElse(""));
      }
    }
    assertThat(rows).hasSizeGreaterThan(400);
    assertThat(wrong).isEmpty();
  }

  private static boolean isRead(Result result) {
    return result instanceof Imported imported
        && imported.lines().stream()
            .noneMatch(line -> line.text().contains("the import cannot read"));
  }

  @Rows(
      """
      # a message says what was expected
      http-request deny foo | problem haproxy.cfg:9: && problem expected 'http-request deny && problem found 'foo'
      http-request set-header A b c | problem haproxy.cfg:9: && problem expected 'http-request set-header NAME FORMAT [if|unless CONDITION]', found 'c'
      use_backend app foo | problem haproxy.cfg:9: && problem expected 'use_backend BACKEND [if|unless CONDITION]', found 'foo'
      timeout client 5s foo | problem haproxy.cfg:9: && problem expected 'timeout client TIME', found 'foo'
      timeout client 99999999999 | problem haproxy.cfg:9: && problem expected 'timeout client TIME', found '99999999999'
      http-request set-var(a) path | problem haproxy.cfg:9: && problem expected 'set-var(SCOPE.NAME)', found 'set-var(a)'
      http-request track-sc0 src table nope | problem haproxy.cfg:9: && problem expected the name of a section with a stick-table
      http-request return errorfiles nope | problem haproxy.cfg:9: && problem expected the name of an http-errors section
      no timeout client | problem haproxy.cfg:9: && problem expected 'option' or 'log' after no and default
      server a 127.0.0.1:1 | problem haproxy.cfg:9: && problem expected 'server' in a backend or listen section only
      bind :81 ssl crt a verify x | problem haproxy.cfg:9: && problem expected 'verify none|optional|required', found 'x'
      bind 300.1.1.1:80 | problem haproxy.cfg:9: && problem expected an IP address in '300.1.1.1:80'
      # names that are given twice or are of nothing are told
      backend app ; frontend web ; mode http ; bind :82 | problem expected each frontend once: line 6 has the name 'web', too
      backend app ; backend a!b ; mode http | problem expected a name of letters, digits
      backend app ; backend b ; server a 127.0.0.1:1 ; server a 127.0.0.1:2 | problem expected each server of a section once
      backend app ; backend b ; server a 127.0.0.1:1 resolvers nope | problem expected the name of a resolvers section
      backend app ; backend b ; stick-table type ip size 1k peers nope | problem expected the name of a peers section
      backend app ; frontend x ; mode http ; bind :83 ; default_backend t ; backend t ; mode tcp ; server a 127.0.0.1:1 | problem expected a backend of mode http, found 't' of mode tcp
      backend app ; defaults from nope | problem expected the name of a defaults section, found 'nope'
      backend app ; http-errors | problem expected a name of letters, digits
      # so are lines of other sections
      global ; maxconn ; frontend web ; mode http ; bind :80 | problem haproxy.cfg:2: expected '
      userlist u ; user ; frontend web ; mode http ; bind :80 | problem haproxy.cfg:2: expected '
      resolvers r ; hold foo 5s ; frontend web ; mode http ; bind :80 | problem haproxy.cfg:2: expected '
      http-errors e ; errorfile 503 ; frontend web ; mode http ; bind :80 | problem haproxy.cfg:2: expected '
      """)
  void a_line_that_is_refused(String lines, String expected) {
    ImportRow.check(lines, expected);
  }

  @Test
  void one_problem_of_a_line_is_reported() {
    assertThat(Imports.problems(Imports.front("timeout client x y")).lines()).hasSize(1);
  }
}
