package dev.understudy.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ImageTest {
  @Test
  void the_images_folder_is_replaced_and_the_jar_is_left_to_the_command() {
    String file =
        """
        # The cache.
        -Xmn16m
        -XX:AOTCache=/app/understudy.aot
        -jar /app/understudy.jar
        """;
    assertThat(Image.options(file, Path.of("/tmp/x")))
        .isEqualTo("# The cache.\n-Xmn16m\n-XX:AOTCache=/tmp/x/understudy.aot\n");
  }
}
