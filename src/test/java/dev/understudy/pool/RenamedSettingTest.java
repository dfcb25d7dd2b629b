package dev.understudy.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** For how long a renamed setting is read under its earlier name. */
class RenamedSettingTest {
  /** Orders versions by their first two numbers. */
  private static final Comparator<String> MINORS =
      Comparator.comparingInt((String version) -> number(version, 0))
          .thenComparingInt(version -> number(version, 1));

  private static int number(String version, int index) {
    return Integer.parseInt(version.split("[.-]", -1)[index]);
  }

  @Test
  void it_is_read_by_the_version_that_renames_it_and_two_minors_more() {
    assertThat(new RenamedSetting("understudy.a", "understudy.b", "1.9").until()).isEqualTo("1.12");
  }

  @Test
  void the_version_is_a_minor() {
    assertThatThrownBy(() -> new RenamedSetting("understudy.a", "understudy.b", "1.1.0"))
        .hasMessage("expected a minor version such as 1.1, found 1.1.0");
  }

  @Test
  void no_row_stays_when_the_version_has_come_that_does_not_read_it() throws Exception {
    String version =
        Files.readString(Path.of("pom.xml")).replaceFirst("(?s).*?\n  <version>([^<]*)<.*", "$1");
    assertThat(
            Stream.concat(
                RenamedSetting.OF_STATIC_SETTINGS.stream(),
                RenamedSetting.OF_THE_DYNAMIC_FILE.stream()))
        .allMatch(each -> MINORS.compare(each.since(), version) <= 0)
        .allMatch(each -> MINORS.compare(each.until(), version) > 0);
  }
}
