package dev.understudy.haproxy.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.haproxy.acl.TranslatedCondition.Rate;
import dev.understudy.haproxy.acl.TranslatedCondition.Unknown;
import dev.understudy.haproxy.syntax.ResourceRows;
import dev.understudy.testing.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of {@code samples.txt}: each is reached, and becomes what it says. */
@Tag(Extent.SLOW)
class SampleTableTest {
  private static final List<String> ARGUMENTS = List.of("", "(x)", "(App)", "(CN)");

  private static final List<String> COMPARISONS =
      List.of("; a; /a; 0; gt 0; 200; 443; plain; GET; 1.0 1.1; ::1; -m sub CN=a".split(";"));

  private static final TermContext CONTEXT = new AclsTest.Front();

  /** A name of a row with the cells behind it. */
  record Named(String name, List<String> cells) {
    String kind() {
      return cells.get(1).replaceFirst(" .*", "");
    }

    boolean isTranslated() {
      return !Set.of("", "unknown", "constant").contains(kind());
    }
  }

  private static Stream<Named> rows() {
    return ResourceRows.of(SampleTable.class, "samples.txt", 4).stream()
        .flatMap(
            cells ->
                Stream.of(cells.getFirst().split(", *"))
                    .map(
                        name ->
                            new Named(
                                name.contains(" ")
                                    ? name
                                    : cells
                                            .getFirst()
                                            .replaceFirst("^(acl |counter |log )?.*", "$1")
                                        + name,
                                cells)));
  }

  private static Stream<Named> fetches() {
    return rows().filter(row -> !row.name().contains(" ") && !row.name().startsWith("%"));
  }

  private static Stream<Named> group(String group) {
    return rows().filter(row -> row.name().startsWith(group));
  }

  private static Stream<String> acls() {
    return group("acl ").map(row -> row.name().substring(4));
  }

  private static Stream<String> counters() {
    return group("counter ").map(row -> row.name().substring(8));
  }

  private static Stream<Named> aliases() {
    return group("%");
  }

  private static TranslatedCondition condition(String text) {
    return new Acls().condition(List.of(("{ " + text + " }").split(" ")), CONTEXT);
  }

  /** All conditions that such a comparison may become. */
  private static List<TranslatedCondition> conditions(String name) {
    List<String> samples =
        name.contains("(")
            ? List.of(name.replace("*", "CN"))
            : ARGUMENTS.stream().map(argument -> name + argument).toList();
    List<TranslatedCondition> found = new ArrayList<>();
    for (String sample : samples) {
      COMPARISONS.forEach(comparison -> found.add(condition(sample + comparison)));
    }
    return found;
  }

  @ParameterizedTest
  @MethodSource("fetches")
  void a_comparison_has_a_condition_if_the_row_has_a_term(Named row) {
    assertThat(conditions(row.name()).stream().anyMatch(each -> !(each instanceof Unknown)))
        .isEqualTo(row.isTranslated());
  }

  @ParameterizedTest
  @MethodSource("fetches")
  void a_value_is_one_of_understudys(Named row) throws ExpressionException {
    boolean isNamed = row.cells().get(2).contains("*") && !row.name().contains("(");
    Sample sample = Sample.parse(row.name().replace("*", "CN") + (isNamed ? "(x)" : ""));
    Optional<String> value = LogFormat.sample(sample);
    boolean isText = row.cells().get(2).startsWith("{") || row.kind().equals("constant");
    assertThat(value.isPresent()).isEqualTo(isText);
    if (isText && !value.orElseThrow().equals("{server}")) {
      assertThat(Template.parse(value.orElseThrow(), Set.of()).isConstant())
          .isEqualTo(row.kind().equals("constant"));
    }
    assertThatCode(() -> Condition.parse(LogFormat.presence(sample).text()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("fetches")
  void a_flag_is_a_number_in_texts_if_the_row_says_so(Named row) {
    boolean decided = row.cells().get(2).matches("[0-9].*") && !row.kind().equals("constant");
    assertThat(LogFormat.of("%[" + row.name() + "]").alternatives().size() > 1).isEqualTo(decided);
  }

  @ParameterizedTest
  @MethodSource("aliases")
  void an_alias_of_log_formats_has_the_value_of_its_row(Named row) {
    assertThat(LogFormat.of(row.name()).text())
        .contains(row.cells().get(2).replaceFirst(" if .*", ""));
  }

  @ParameterizedTest
  @MethodSource("acls")
  void a_predefined_acl_is_known(String name) {
    boolean known = !SampleTable.of("acl " + name).kind().equals("unknown");
    assertThat(new Acls().comparisons(List.of(name)).whyUnknown().isEmpty()).isEqualTo(known);
    assertThat(new Acls().condition(List.of(name), CONTEXT).whyUnknown())
        .matches(
            why ->
                why.isEmpty()
                    || why.startsWith("'" + name + "' has no counterpart among the conditions: "));
  }

  @ParameterizedTest
  @MethodSource("counters")
  void a_counter_is_a_rate_behind_each_prefix(String name) {
    for (String prefix : List.of("src_", "sc_", "sc0_", "sc1_", "sc2_")) {
      assertThat(condition(prefix + name + " gt 5")).isInstanceOf(Rate.class);
    }
  }

  @Test
  void another_sample_has_neither_a_condition_nor_a_value() {
    assertThat(condition("rand(2) 1").whyUnknown())
        .isEqualTo("'rand(2)' has no counterpart among the conditions: no term reads it");
    assertThat(LogFormat.sample(Sample.parse("rand(2)"))).isEmpty();
  }
}
