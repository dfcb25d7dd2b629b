package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RenamedSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the page of support promises is what the files say. */
class SupportPageTest {
  private static final Path PAGE = Path.of(".github/SUPPORT.md");

  private static String found(String file, String pattern) throws IOException {
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          pom.xml                           | <java.version>(\\d+)<             | Java of jar and .understudy_V_all.deb. . (\\d+) or newer
          deploy/debian/build.sh            | :-0}" -lt (\\d+)                 | Java in the packages and the image . (\\d+),
          Dockerfile                        | ARG JRE=eclipse-temurin:(\\d+)-  | Java in the packages and the image . (\\d+),
          deploy/helm/understudy/Chart.yaml | kubeVersion: ">=([\\d.]+)\\.0-0" | Kubernetes . ([\\d.]+) or newer
          """)
  void a_platform_is_the_one_that_is_required(String file, String in, String inThePage)
      throws IOException {
    assertThat(found(PAGE.toString(), inThePage)).isEqualTo(found(file, in));
  }

  @Test
  void renamed_settings_are_read_for_as_long_as_it_says() throws IOException {
    assertThat(Files.readString(PAGE)).contains("by the minor that renames it and by two more");
    assertThat(new RenamedSetting("understudy.a", "understudy.b", "1.1").until()).isEqualTo("1.4");
  }

  @Test
  void vulnerabilities_are_reported_in_private_with_times() throws IOException {
    assertThat(Files.readString(Path.of(".github/SECURITY.md")))
        .contains(
            "Report a vulnerability", "within 3 days", "after 90 days", "SUPPORT.md#versions");
  }
}
