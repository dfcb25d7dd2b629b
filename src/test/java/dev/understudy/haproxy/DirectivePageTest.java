package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.report.DirectivePage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code config/from-haproxy.md} is made from the table of directives; written anew with {@code
 * -Dunderstudy.pages.write=true}.
 */
class DirectivePageTest {
  private static final Path PAGE = Path.of("config/from-haproxy.md");

  @Test
  void the_page_is_the_table_of_directives() throws IOException {
    if (Boolean.getBoolean("understudy.pages.write")) {
      Files.writeString(PAGE, DirectivePage.text());
    }
    assertThat(PAGE).content().isEqualTo(DirectivePage.text());
  }
}
