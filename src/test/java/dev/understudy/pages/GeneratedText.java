package dev.understudy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files, or parts of them, that are made from the code. A test holds them to it; with {@code
 * -Dunderstudy.generate=true} it writes them instead.
 */
public final class GeneratedText {
  private GeneratedText() {}

  /** Requires that the file has this content, or gives it to the file. */
  public static void require(Path file, String content) {
    try {
      if (Boolean.getBoolean("understudy.generate")) {
        Files.writeString(file, content);
      }
      assertThat(Files.readString(file))
          .as("%s is made from the code: run this test with -Dunderstudy.generate=true", file)
          .isEqualTo(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
