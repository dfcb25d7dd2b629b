package dev.understudy.haproxy.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.haproxy.syntax.Statement.Word;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Words of a line: quotes, escapes, comments and variables (configuration manual, 2.2 and 2.3). */
class LineTokenizerTest {
  private static final Map<String, String> VARIABLES = Map.of("HOST", "db1", "TWO", "a b");

  private static List<String> words(String line) {
    return LineTokenizer.words(line, new EnvironmentVariables(VARIABLES::get)).stream()
        .map(Word::text)
        .toList();
  }

  @Rows(
      """
      blanks part words                     | a  b c          | a;b;c
      a comment ends a line                 | a b # c         | a;b
      a comment may begin inside a word     | a b#c           | a;b
      an escaped # is none                  | a\\#b           | a#b
      a quoted # is none                    | "a # b" c     | a # b;c
      strong quotes keep escapes            | 'a\\nb' c       | a\\nb;c
      strong quotes keep variables          | '$HOST'         | $HOST
      quotes may stand inside a word        | a"b c"'d e'f  | ab cd ef
      an escaped blank joins words          | Host:\\ www     | Host: www
      a hexadecimal escape                  | a\\x41b         | aAb
      another backslash stays               | ^/a\\.b$        | ^/a\\.b$
      two backslashes are one               | a\\\\.b         | a\\.b
      an empty quoted word is a word        | a "" b        | a;;b
      a variable in weak quotes             | "$HOST:5432"  | db1:5432
      a variable in braces                  | "${HOST}x"    | db1x
      a default of a variable that is unset | "${NONE-7}"   | 7
      a default of one that is set          | "${HOST-7}"   | db1
      a variable without quotes stays       | $HOST           | $HOST
      a variable that is unset is empty     | "x$NONE"      | x
      several words of a variable           | "${TWO[*]}" c | a;b;c
      an escaped dollar is itself           | "\\$HOST"     | $HOST
      """)
  void words(String name, String line, String expected) {
    assertThat(String.join(";", words(line))).as(name).isEqualTo(expected);
  }

  @Test
  void a_line_feed_in_an_escape_is_one() {
    assertThat(words("PING\\r\\n\\t")).containsExactly("PING\r\n\t");
  }

  @Test
  void a_word_knows_its_column() {
    assertThat(LineTokenizer.words("  bind  :80", new EnvironmentVariables(VARIABLES::get)))
        .containsExactly(new Word("bind", 3), new Word(":80", 9));
  }

  @Rows(
      """
      a 'b     | 3 | expected a closing '
      a "b    | 3 | expected a closing "
      \\x4     | 1 | expected two hexadecimal digits
      "${A"  | 2 | expected }
      "$1"   | 2 | expected the name of an environment variable
      "${A+B}" | 2 | expected ${NAME}
      """)
  void what_does_not_end_is_a_problem(String line, int column, String expected) {
    assertThatThrownBy(() -> words(line))
        .isInstanceOfSatisfying(
            SyntaxException.class, e -> assertThat(e.column()).isEqualTo(column))
        .hasMessageContaining(expected);
  }
}
