package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CookieHeaderTest {
  @ParameterizedTest
  @CsvSource({
    "'U=1',                ''",
    "'a=1; U=1',           'a=1'",
    "'U=1; a=1',           'a=1'",
    "'a=1; U=1; b=2',      'a=1; b=2'",
    "'U=1;U=2; b=2; U=3',  'b=2'",
    "'XU=1; a=U=2',        'XU=1; a=U=2'",
    "'UX=1',               'UX=1'",
    "'a=1',                'a=1'",
    "'a=1;\tU=1; b=2',     'a=1;\tb=2'",
    "'a=1; U =1',          'a=1'",
  })
  void cookies_of_a_name_are_cut_out_of_the_field(String before, String after) {
    assertThat(CookieHeader.without(before, "U")).isEqualTo(after);
  }
}
