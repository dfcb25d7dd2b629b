package dev.understudy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The reference's table of filters and the schema's list are made of the filters' own files; see
 * {@link GeneratedText}.
 */
class FilterPagesTest {
  private static final Path SCHEMA = Path.of("config/gateway.schema.json");
  private static final String HEADER = "| filter | effect |\n|---|---|\n";
  private static final Pattern TABLE = Pattern.compile(Pattern.quote(HEADER) + "(?:\\|.*\n)+");

  private static final String EXAMPLE = "Example: `";

  @Test
  void the_reference_has_the_table_of_filters() {
    String rows =
        described()
            .map(paragraphs -> "| " + paragraphs.getFirst() + " | " + paragraphs.get(1) + " |")
            .collect(Collectors.joining("\n"));
    List<Path> pages =
        Pages.ofUsers().stream().filter(page -> Pages.read(page).contains(HEADER)).toList();
    assertThat(pages).hasSize(1);
    isCurrent(pages.getFirst(), TABLE, HEADER + rows + "\n");
  }

  @Test
  void the_schema_names_filters_that_cannot_be_used_and_has_examples_of_the_others() {
    isCurrent(
        SCHEMA,
        Pattern.compile("(?<=Spring Cloud Gateway, but for )[^\"]*?(?=, which need Java code)"),
        "%s, whose libraries are not in the jar, and %s"
            .formatted(
                and(FilterKind.having(Trait.WITHOUT_LIBRARY)),
                and(FilterKind.having(Trait.JAVA_ONLY))));
    isCurrent(
        SCHEMA,
        Pattern.compile("(?<=\"examples\": \\[\n)(?: {8}\"[^\n]*\n)+(?= {6}])"),
        Stream.concat(
                described().flatMap(List::stream),
                SourceComments.of(FilterKind.of("SetRequestHeader")).stream())
            .filter(paragraph -> paragraph.startsWith(EXAMPLE))
            .map(example -> example.substring(EXAMPLE.length(), example.length() - 1))
            .map(example -> "        \"" + example + "\"")
            .collect(Collectors.joining(",\n", "", "\n")));
  }

  /** What is said of our own, and of the two of the Gateway's that do more here. */
  private static Stream<List<String>> described() {
    return Stream.concat(
            FilterKind.having(Trait.OWN).stream(),
            Stream.of(FilterKind.of("SetPath"), FilterKind.of("SetStatus")))
        .map(SourceComments::of);
  }

  private static String and(List<FilterKind> kinds) {
    List<String> names = kinds.stream().map(FilterKind::name).toList();
    return String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
  }

  /** Requires that the first place of a file with that pattern has the text. */
  private static void isCurrent(Path file, Pattern place, String expected) {
    String text = Pages.read(file);
    Matcher found = place.matcher(text);
    assertThat(found.find()).as("%s: %s", file, place).isTrue();
    GeneratedText.require(
        file, text.substring(0, found.start()) + expected + text.substring(found.end()));
  }
}
