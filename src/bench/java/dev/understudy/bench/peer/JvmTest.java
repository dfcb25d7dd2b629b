package dev.understudy.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmTest {
  @Test
  void options_are_the_lines_of_the_images_file_without_comments_cache_and_jar() {
    String file =
        """
        # Low memory use.
        -Xmn16m

        -Da=b
        -XX:AOTCache=/app/understudy.aot
        -jar /app/understudy.jar
        """;
    assertThat(Jvm.withoutCacheAndJar(file)).containsExactly("-Xmn16m", "-Da=b");
  }

  @Test
  void a_container_has_its_limits_and_the_options_of_the_image() {
    assertThat(Jvm.container().options())
        .startsWith(Jvm.LIMITS.toArray(String[]::new))
        .contains("-XX:+ExitOnOutOfMemoryError")
        .noneMatch(option -> option.contains("/app/"));
  }
}
