package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Maven profile runs whatever is held beside other programs. */
class ConformanceProfileTest {
  private static final Path TESTS = Path.of("src/conformance/java");
  private static final Pattern INCLUDE = Pattern.compile("<include>([^<]+IT\\.java)</include>");

  @Test
  void each_integration_test_of_src_conformance_is_included() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String profile = pom.substring(pom.indexOf("<id>conformance</id>"));
    List<PathMatcher> included =
        INCLUDE.matcher(profile).results().map(found -> matcher(found.group(1))).toList();
    try (Stream<Path> files = Files.walk(TESTS)) {
      assertThat(files.filter(file -> file.toString().endsWith("IT.java")).map(TESTS::relativize))
          .isNotEmpty()
          .allMatch(file -> included.stream().anyMatch(each -> each.matches(file)));
    }
  }

  /** Maven's double asterisk stands for no folder too. */
  private static PathMatcher matcher(String include) {
    return FileSystems.getDefault().getPathMatcher("glob:" + include.replace("**/", "{,**/}"));
  }
}
