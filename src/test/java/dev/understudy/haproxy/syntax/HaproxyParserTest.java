package dev.understudy.haproxy.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sections, statements and conditional blocks. */
class HaproxyParserTest {
  private static HaproxyFile good(String text) {
    return ((ParsedFile.Good) HaproxyParser.parse(text, Map.of("SET", "1")::get)).file();
  }

  private static List<String> problems(String text) {
    return ((ParsedFile.Bad) HaproxyParser.parse(text, name -> null))
        .problems().stream().map(each -> each.in("f")).toList();
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
        .extracting(Section::kind, Section::name, Section::line)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(SectionKind.DEFAULTS, "web", 2),
            org.assertj.core.groups.Tuple.tuple(SectionKind.FRONTEND, "in", 5));
    Statement mode = file.sections().getFirst().statements().getFirst();
    assertThat(mode.line()).isEqualTo(3);
    assertThat(mode.from(0)).containsExactly("mode", "http");
    assertThat(file.sections().get(1).statements())
        .extracting(Statement::prefix)
        .containsExactly(Statement.Prefix.NO, Statement.Prefix.DEFAULT);
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
            "f:6: expected one of defined, feature, streq, strneq, strstr, version_atleast,"
                + " version_before, openssl_version_atleast, openssl_version_before,"
                + " ssllib_name_startswith, enabled, found 'foo(1) '",
            "f:7: expected .endif for this .if");
  }
}
