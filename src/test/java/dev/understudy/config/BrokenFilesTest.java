package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One fault in a file is one problem, at its line, and the rest of the file is not blamed. */
@Tag(Extent.FULL)
class BrokenFilesTest {
  static List<Breakage.Broken> files() {
    return Breakage.of(FullFile.text());
  }

  static List<Breakage.Broken> rows() {
    return Extent.sample(files());
  }

  @Test
  void there_are_more_than_two_hundred() {
    assertThat(files()).hasSizeGreaterThan(200);
    assertThat(Texts.problems(FullFile.text())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void each_fault_is_one_problem_at_its_line(Breakage.Broken broken) {
    List<Problem> problems = Texts.problems(broken.text());

    assertThat(problems).as(broken.text()).hasSize(1);
    assertThat(problems.get(0).line()).as("%s", problems).isEqualTo(broken.line());
    assertThat(problems.get(0).property()).isEqualTo(broken.property());
    assertThat(problems.get(0).expected()).isNotBlank();
    assertThat(problems.get(0).toString())
        .startsWith("gateway.yaml:" + broken.line() + ": " + broken.property() + ": ")
        .doesNotContain("\n");
  }
}
