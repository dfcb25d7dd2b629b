package dev.understudy.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FileFingerprintTest {
  @Test
  void fingerprint_is_the_beginning_of_what_sha256sum_prints() {
    assertThat(FileFingerprint.of("abc".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("ba7816bf8f01");
    assertThat(FileFingerprint.of(new byte[0])).isEqualTo("e3b0c44298fc");
  }
}
