package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ChrootTest {
  @Test
  void the_mirror_is_the_first_address_of_a_list_in_either_form() {
    assertThat(Chroot.mirror("Types: deb\n# a comment\nURIs: http://a.example/debian\nSuites: x\n"))
        .isEqualTo("http://a.example/debian");
    assertThat(Chroot.mirror("# a comment\ndeb http://b.example/debian x main\n"))
        .isEqualTo("http://b.example/debian");
    assertThat(Chroot.mirror("deb [arch=amd64 trusted=yes] http://c.example/debian x main\n"))
        .isEqualTo("http://c.example/debian");
  }

  @Test
  void a_list_without_an_address_is_shown() {
    assertThatThrownBy(() -> Chroot.mirror("# nothing\n")).hasMessageContaining("# nothing");
  }
}
