package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkSizeLineTest {
  private final ChunkSizeLine line = new ChunkSizeLine();

  /** Whether all of it may stand there. */
  private boolean take(String characters) {
    line.begin();
    return characters.chars().allMatch(c -> line.take((char) c));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "5, 5", "1f, 31", "aBc, 2748", "0005, 5", "7fffffff, 2147483647"})
  void a_size_is_hexadecimal(String size, long expected) {
    for (String extension : new String[] {"", ";a", " ; a = b"}) {
      assertThat(take(size + extension + "\r\n")).isTrue();
      assertThat(line.isOver()).isTrue();
      assertThat(line.size()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ";a", ";a=b",
        ";a;b", ";a=b;c=d",
        " ;a", " \t; \ta \t= \tb \t;c",
        ";a ;b", ";a=\"\"",
        ";a=\"b c;d=e\t\u00e9\"", ";a=\"\\\"\\\\\\b\"",
        ";a=\"b\" ;c=\"d\";e", ";!#$%&'*+-.^_`|~9=!#$%&'*+-.^_`|~9"
      })
  void extensions_that_are_in_order_pass(String extensions) {
    assertThat(take("5" + extensions + "\r\n")).isTrue();
    assertThat(line.isOver()).isTrue();
    assertThat(line.size()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n", " 5\r\n", "5 \r\n", "5\n",
        "5\r5", "5\r;a", "g\r\n", "+5\r\n",
        "0x5\r\n", "5 5\r\n", "80000000\r\n", "fffffffffffffffff\r\n",
        ";a\r\n", "5;\r\n", "5; \r\n", "5;;a\r\n",
        "5;a;\r\n", "5;a \r\n", "5;a b\r\n", "5;=b\r\n",
        "5;a=\r\n", "5;a= \r\n", "5;a=;b\r\n", "5;a==b\r\n",
        "5;a=b=c\r\n", "5;a=b \r\n", "5;a=b c\r\n", "5;a=b\"c\"\r\n",
        "5;a=\"b\"c\r\n", "5;a=\"b\"\"c\"\r\n", "5;a=\"b\" \r\n", "5;\"a\"\r\n",
        "5;a=\"b\r\n", "5;a=\"b\\\r\n", "5;a=\"\u0001\"\r\n", "5;a=\"\u007f\"\r\n",
        "5;a=\"\\\u0000\"\r\n", "5;a(\r\n", "5;a\u00e9\r\n", "5;a=(\r\n",
        "5;a=\u00e9\r\n", "5;a\u000bb\r\n", "5\r\n5"
      })
  void a_malformed_line_does_not_pass(String bad) {
    assertThat(take(bad)).isFalse();
  }
}
