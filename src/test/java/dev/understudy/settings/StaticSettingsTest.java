package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.proxy.session.StickyKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class StaticSettingsTest {
  @TempDir Path directory;

  private static StaticSettings bind(Map<String, String> properties) {
    return new Binder(new MapConfigurationPropertySource(properties))
        .bindOrCreate("understudy", StaticSettings.class);
  }

  @Test
  void without_a_key_of_its_own_a_sticky_cookie_is_keyed_by_addresses() {
    assertThat(bind(Map.of()).stickyKey()).isSameAs(StickyKey.DERIVED);
  }

  @Test
  void a_sticky_key_is_read_from_its_file() throws IOException {
    Path file = Files.writeString(directory.resolve("key"), "0123456789abcdef");
    StaticSettings settings = bind(Map.of("understudy.sticky-key-file", file.toString()));
    assertThat(settings.stickyKey()).isNotSameAs(StickyKey.DERIVED);
  }

  @Test
  void a_sticky_key_that_is_none_says_which_setting_and_file_it_is() throws IOException {
    Path file = Files.writeString(directory.resolve("key"), "short");
    for (Path wrong : new Path[] {file, directory.resolve("nowhere")}) {
      assertThatThrownBy(() -> bind(Map.of("understudy.sticky-key-file", wrong.toString())))
          .rootCause()
          .message()
          .startsWith("understudy.sticky-key-file: ")
          .contains(wrong.toString());
    }
  }
}
