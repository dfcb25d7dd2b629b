package dev.understudy.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of text that somebody else wrote. */
class PrintableTest {
  @ParameterizedTest
  @ValueSource(
      ints = {
        0, '\t', '\n', '\r', 0x1b, 0x7f, 0x85, 0x9b, 0x2028, 0x2029, 0x202e, 0x2066, 0x200f, 0x61c,
        0xd800
      })
  void what_breaks_or_reorders_a_line_is_a_control_in_every_form(int character) {
    String text = "a" + new String(new char[] {(char) character}) + "b";
    String escape = "\\u%04x".formatted(character);
    assertThat(Printable.isControl(character)).isTrue();
    assertThat(Printable.escaped(text)).isEqualTo("a" + escape + "b");
    assertThat(Printable.ascii(text)).isEqualTo("a" + escape + "b");
    assertThat(Printable.oneLine(text, 10)).isEqualTo("a b");
    assertThat(Printable.quoted(text, 10)).matches("\"a\\\\(u[0-9a-f]{4}|[nrt])b\"");
  }

  @ParameterizedTest
  @ValueSource(ints = {' ', 'a', '~', 0xa0, 0xe9, 0x4e2d, 0x1f600, '\\', '"'})
  void other_characters_are_no_controls(int character) {
    String text = "a" + Character.toString(character) + "b";
    assertThat(Printable.isControl(character)).isFalse();
    assertThat(Printable.escaped(text)).isSameAs(text);
    assertThat(Printable.oneLine(text, 10)).isEqualTo(text);
  }

  @Test
  void log_lines_are_ascii() {
    String plain = "plain \"text\" \\ ~";
    assertThat(Printable.ascii(plain)).isSameAs(plain);
    assertThat(Printable.ascii("é→")).isEqualTo("\\u00e9\\u2192");
    StringBuilder field = new StringBuilder("x=");
    Printable.quotedInto(field, "a\"b\\c\né");
    assertThat(field).hasToString("x=a\\\"b\\\\c\\u000a\\u00e9");
  }

  @Test
  void evidence_keeps_letters_of_any_script_and_is_cut_between_escapes() {
    assertThat(Printable.quoted("é中 \"x\"\n", 80)).isEqualTo("\"é中 \\\"x\\\"\\n\"");
    assertThat(Printable.quoted("abcdef", 6)).isEqualTo("\"abcdef\"");
    assertThat(Printable.quoted("abcdefg", 6)).isEqualTo("\"abcdef…\"");
    assertThat(Printable.quoted("abcde\u0000", 6)).isEqualTo("\"abcde…\"");
  }

  @Test
  void one_line_has_single_blanks_within_and_none_around() {
    assertThat(Printable.oneLine(" \n a \r\n\t b\u2028", 10)).isEqualTo("a b");
    assertThat(Printable.oneLine("abcdef", 6)).isEqualTo("abcdef");
    assertThat(Printable.oneLine("abcdefg", 6)).isEqualTo("abcde…");
    assertThat(Printable.oneLine("", 6)).isEmpty();
  }
}
