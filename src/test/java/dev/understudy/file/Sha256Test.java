package dev.understudy.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class Sha256Test {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void digest_is_what_sha256sum_prints() {
    assertThat(Sha256.hex(Sha256.of(bytes("abc")), 12)).isEqualTo("ba7816bf8f01");
    assertThat(Sha256.hex(Sha256.of(new byte[0]), 64))
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  @Test
  void parts_are_one_content() {
    assertThat(Sha256.of(List.of(bytes("a"), bytes(""), bytes("bc"))))
        .isEqualTo(Sha256.of(bytes("abc")));
  }
}
