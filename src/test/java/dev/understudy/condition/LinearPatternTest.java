package dev.understudy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearPatternTest {
  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "((a{1000}){1000}){1000}",
        "((a{100}){100}){10}",
        "(?:(?:[a-z({]{1,1000}){11})",
        "(a{0,1000}){99,}",
        "(((a{99}b{99}){9}c{99}){9}",
        "a{1000}{1000}"
      })
  void an_expression_that_becomes_too_large_is_refused_before_it_is_compiled(String text) {
    assertThatThrownBy(() -> LinearPattern.of(text, false)).isInstanceOf(ExpressionException.class);
  }

  @ParameterizedTest(name = "{0} has {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          abc                | 3
          a{9}               | 10
          a{2,9}             | 10
          (ab){9}            | 30
          [(){9}]{9}         | 10
          []{9}]             | 1
          [[:alpha:]{9}]     | 1
          \\(\\{9\\}         | 4
          \\Q(a{9}\\E{9}     | 17
          a{x}               | 4
          a{99999999}        | 11
          ((a               | 3
          """)
  void repetitions_count_by_what_they_become(String text, long parts) {
    assertThat(ExpandedSize.of(text)).isEqualTo(parts);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"^/a{1,1000}$", "[0-9]{1,3}(\\.[0-9]{1,3}){3}", "(x{90}){90}"})
  void usual_expressions_are_taken(String text) throws ExpressionException {
    assertThat(LinearPattern.of(text, true).toString()).isEqualTo(text);
  }
}
