package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.MarkdownTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of the code says what the code is. */
class CodeMapTest {
  private static final Path PAGE = Path.of("src/README.md");
  private static final Path MAIN = Path.of("src/main/java/dev/understudy");

  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern CLASS_NAME = Pattern.compile("[A-Z][a-z][A-Za-z0-9]*");

  /** Each package with what its row says that it may import, packages of the same row included. */
  static Map<String, Set<String>> rows() {
    Map<String, Set<String>> rows = new HashMap<>();
    List<String> lines =
        read(PAGE)
            .lines()
            .dropWhile(line -> !line.startsWith("| package | is | may import |"))
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    for (String line : lines) {
      String[] cells = line.split("\\|");
      List<String> packages = code(cells[1]);
      Set<String> allowed = new TreeSet<>(code(cells[3]));
      allowed.addAll(packages);
      packages.forEach(name -> rows.put(name, allowed));
    }
    return rows;
  }

  private static List<String> code(String text) {
    return CODE.matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** Without the root. */
  private static Map<String, List<Path>> packages() throws IOException {
    return sources(MAIN)
        .filter(file -> !MAIN.equals(file.getParent()))
        .collect(
            Collectors.groupingBy(
                file -> MAIN.relativize(file.getParent()).toString().replace('/', '.')));
  }

  private static Stream<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void every_package_has_a_row_in_the_code_map() throws IOException {
    assertThat(rows().keySet()).containsAll(packages().keySet());
  }

  @Test
  void every_package_of_the_map_exists() throws IOException {
    List<String> named =
        MarkdownTable.rows(PAGE, "| box | does | begin reading at |").stream()
            .flatMap(row -> code(row.getLast()).stream())
            .toList();

    assertThat(packages().keySet()).containsAll(named);
  }

  @Test
  void every_class_that_the_page_names_exists() throws IOException {
    Set<String> classes =
        sources(Path.of("src"))
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    List<String> named =
        code(Files.readString(PAGE)).stream()
            .filter(text -> CLASS_NAME.matcher(text).matches())
            .toList();

    assertThat(named).hasSizeGreaterThan(20);
    assertThat(classes).containsAll(named);
  }
}
