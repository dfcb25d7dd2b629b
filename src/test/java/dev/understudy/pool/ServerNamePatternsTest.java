package dev.understudy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServerNamePatternsTest {
  private static final Set<String> PATTERNS =
      Set.of("www.a.test", "*.a.test", "**.test", "**.b.test", "**.x.b.test");

  @Rows(
      """
      # the closest pattern counts
      www.a.test     | www.a.test
      # a star stands for one label
      app.a.test     | *.a.test
      # two stars stand for one label or more
      x.app.a.test   | **.test
      app.b.test     | **.b.test
      c.app.b.test   | **.b.test
      # the longest domain counts
      app.x.b.test   | **.x.b.test
      y.app.x.b.test | **.x.b.test
      # a pattern does not have its domain itself
      x.b.test       | **.b.test
      a.test         | **.test
      test           |
      # other names have none
      a.other        |
      ``             |
      .test          | **.test
      """)
  void the_closest_pattern_is_found(String name, @Nullable String pattern) {
    assertThat(ServerNamePatterns.find(PATTERNS, name)).isEqualTo(pattern);
  }

  @Test
  void a_name_that_is_too_long_for_dns_is_looked_up_only_whole() {
    assertThat(ServerNamePatterns.find(PATTERNS, "a.".repeat(125) + "test")).isEqualTo("**.test");
    assertThat(ServerNamePatterns.find(PATTERNS, "a.".repeat(126) + "test")).isNull();
  }
}
