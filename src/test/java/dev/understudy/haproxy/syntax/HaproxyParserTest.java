package dev.understudy.haproxy.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sections, statements and conditional blocks. */
class HaproxyParserTest {
  private static HaproxyFile good(String text) {
    return HaproxyParser.parse(text, Map.of("SET", "1")::get);
  }

  private static List<String> problems(String text) {
    return HaproxyParser.parse(text, name -> null).problems().stream()
        .map(each -> each.in("f"))
        .toList();
  }

  @Test
  void a_section_has_kind_name_and_statements_with_their_lines() {
    HaproxyFile file =
        good(
            """
            # head
            defaults web
              mode http   # comment

            frontend in from web
              no option httplog
              default timeout client
            """);

    assertThat(file.sections())
        .extracting(HaproxySection::kind, HaproxySection::name, section -> section.header().line())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(SectionKind.DEFAULTS, "web", 2),
            org.assertj.core.groups.Tuple.tuple(SectionKind.FRONTEND, "in", 5));
    Statement mode = file.sections().getFirst().statements().getFirst();
    assertThat(mode.line()).isEqualTo(3);
    assertThat(mode.from(0)).containsExactly("mode", "http");
    assertThat(file.sections().get(1).statements())
        .extracting(Statement::isReset)
        .containsExactly(true, true);
  }

  @Test
  void variables_that_the_file_sets_are_known_below() {
    HaproxyFile file =
        good(
            """
            global
              setenv PORT 81
              presetenv SET 2
              unsetenv OTHER
            frontend in
              bind ":${PORT}" name "$SET" id "$NONE"
            """);

    assertThat(file.sections().get(1).statements().getFirst().from(0))
        .containsExactly("bind", ":81", "name", "1", "id", "");
    assertThat(file.missing()).containsExactly("NONE");
  }

  @Rows(
      """
      bind :${PORT} name $SET            | bind :81 name $SET
      bind $HOST:$PORT                   | bind db1:81
      bind ':${PORT}'                    | bind :81
      dispatch ${HOST}:${PORT}           | dispatch db1:81
      server ${HOST} ${HOST}:${PORT}     | server ${HOST} db1:81
      server a b:1 check addr ${HOST}    | server a b:1 check addr db1
      server a b:1 check port ${PORT}    | server a b:1 check port ${PORT}
      server-template ${HOST} 3 $HOST:80 | server-template ${HOST} 3 db1:80
      default-server addr $HOST          | default-server addr db1
      server a ${NONE}x:1                | server a x:1
      server a ${NONE-7}:1               | server a ${NONE-7}:1
      acl a path ${HOST}                 | acl a path ${HOST}
      """)
  void variables_in_addresses_need_no_quotes(String line, String words) {
    HaproxyFile file =
        good("global\n  setenv PORT 81\n  setenv HOST db1\nlisten in\n  " + line + "\n");
    assertThat(String.join(" ", file.sections().get(1).statements().getFirst().from(0)))
        .isEqualTo(words);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "defined(SET) ; true",
        "defined(NONE) ; false",
        "!defined(NONE) && streq(\"$SET\",1) ; true",
        "strstr(abc,b) ; true",
        "strneq(a,a) || feature(OPENSSL) ; true",
        "version_atleast(2.4) ; true",
        "version_atleast(3.3-dev1) ; false",
        "version_before(3) ; false",
        "(0 || 1) && 1 ; true",
        "0 ; false"
      })
  void a_conditional_block_counts_if_its_condition_holds(String condition, boolean holds) {
    HaproxyFile file = good("global\n.if " + condition + "\n  daemon\n.else\n  quiet\n.endif\n");

    assertThat(file.sections().getFirst().statements())
        .extracting(Statement::keyword)
        .containsExactly(holds ? "daemon" : "quiet");
    assertThat(file.skipped()).hasSize(4);
  }

  @Test
  void only_the_first_branch_that_holds_counts_and_blocks_nest() {
    HaproxyFile file =
        good(
            """
            global
            .if 0
              a
              .if 1
                b
              .endif
            .elif 1
              c
            .elif 1
              d
            .else
              e
            .endif
            """);

    assertThat(file.sections().getFirst().statements())
        .extracting(Statement::keyword)
        .containsExactly("c");
  }

  @Test
  void every_problem_says_where_and_what_was_expected() {
    assertThat(
            problems(
                """
                mode http
                frontend
                backend b
                  server 'x
                .endif
                .if foo(1)
                .if 1
                """))
        .containsExactly(
            "f:1: expected a section, such as 'global', before 'mode'",
            "f:2: expected a name after 'frontend'",
            "f:4:10: expected a closing ' for the quote that begins here",
            "f:5: expected .if before .endif",
            "f:6:5: expected one of defined, feature, streq, strneq, strstr, version_atleast,"
                + " version_before, openssl_version_atleast, openssl_version_before,"
                + " ssllib_name_startswith, enabled",
            "f:7: expected .endif for this .if");
  }
}
