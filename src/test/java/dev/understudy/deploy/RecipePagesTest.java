package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each recipe answers the same questions, and the table of recipes has each of them. */
class RecipePagesTest {
  private static final Path FOLDER = Path.of("deploy/recipes");
  private static final Path TABLE = FOLDER.resolve("README.md");
  private static final List<String> PARTS =
      List.of("Check", "Failback", "Hold", "Sessions", "What is lost", "Without Understudy");
  private static final Pattern HEADING = Pattern.compile("(?m)^## (.+)$");
  private static final Pattern LINK = Pattern.compile("]\\(([a-z-]+\\.md)\\)");
  private static final Pattern TESTED = Pattern.compile("`(\\w+(?:IT|Test))`");

  static List<Path> recipes() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> !file.equals(TABLE)).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void each_has_a_dynamic_file_and_the_same_parts_in_order(Path recipe) throws IOException {
    String text = Files.readString(recipe);

    assertThat(text).contains("```yaml\npools:\n");
    assertThat(HEADING.matcher(text).results().map(found -> found.group(1)))
        .containsSubsequence(PARTS);
  }

  @Test
  void the_table_has_each_recipe_and_names_tests_that_are_there() throws IOException {
    String table = Files.readString(TABLE);

    assertThat(LINK.matcher(table).results().map(found -> found.group(1)).sorted())
        .containsExactlyElementsOf(
            recipes().stream().map(recipe -> recipe.getFileName().toString()).toList());
    assertThat(TESTED.matcher(table).results().map(MatchResult::group).distinct())
        .allMatch(name -> isTest(name.replace("`", "")));
  }

  private static boolean isTest(String name) {
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      return files.anyMatch(file -> file.endsWith(name + ".java"));
    } catch (IOException e) {
      return false;
    }
  }
}
