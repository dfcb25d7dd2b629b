package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExtentTest {
  private static final Path TESTS = Path.of("src/test/java");
  private static final Pattern ASKS =
      Pattern.compile("\\bExtent\\.(rounds|sample|byTurns|ends)\\(|\\bTransport\\.TESTED\\b");

  @Test
  void what_the_gate_shortens_has_the_tag_by_which_profile_full_finds_it() throws IOException {
    List<Path> untagged = new ArrayList<>();
    try (Stream<Path> files = Files.walk(TESTS).filter(Files::isRegularFile)) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        if (!file.startsWith(TESTS.resolve("dev/understudy/testing"))
            && ASKS.matcher(text).find()
            && !text.contains("@Tag(Extent.FULL)")) {
          untagged.add(file);
        }
      }
    }
    assertThat(untagged).isEmpty();
  }

  @Test
  void the_gate_has_something_of_everything() {
    assertThat(Extent.rounds(1)).isEqualTo(1);
    assertThat(Extent.sample(List.of("a", "b"))).contains("a");
    assertThat(Extent.ends(Stream.of("express", "gateway"))).containsExactly("express", "gateway");
    assertThat(Extent.byTurns(IntStream.range(0, 8).boxed()).map(i -> i / 2).distinct())
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void the_gate_and_the_rest_are_the_whole() {
    List<Integer> all = IntStream.range(0, 25).boxed().toList();
    IntPredicate gate = i -> i % 10 == 0;
    assertThat(Extent.Run.GATE.rows(all, gate)).containsExactly(0, 10, 20);
    assertThat(Extent.Run.REST.rows(all, gate)).hasSize(22).doesNotContain(0, 10, 20);
    assertThat(Extent.Run.WHOLE.rows(all, gate)).isEqualTo(all);
    assertThat(Extent.Run.REST.rows(all, i -> true)).isEqualTo(all);
  }
}
