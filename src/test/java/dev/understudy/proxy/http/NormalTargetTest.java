package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalTargetTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '~',
      value = {
        "/ /",
        "/a/b?c=d&e=%20 /a/b?c=d&e=%20",
        "/a/./b/../c /a/c",
        "/.. /",
        "/a/.. /",
        "/a/b/. /a/b/",
        "/a/.../b /a/.../b",
        "/.hidden /.hidden",
        "/%2e%2E/x /x",
        "/%7Ea%2fb /~a%2Fb",
        "/a%zz%4 /a%25zz%254",
        "/a{b}|^`\\\"<>[] /a%7Bb%7D%7C%5E%60%5C%22%3C%3E%5B%5D",
        "/a#b /a%23b",
        "/?q={}|%zz%7e /?q=%7B%7D%7C%25zz%7E",
        "/?../x /?../x",
        "//a///b //a///b",
        "/caf\u00e9 /caf%E9",
        "* *"
      })
  void the_normal_form_is_what_routes_match_on(String target, String normal) {
    String result = NormalTarget.of(target);
    assertThat(result).isEqualTo(normal);
    assertThat(NormalTarget.of(result)).isEqualTo(result);
    assertThat(URI.create("http://a" + result.replace("*", "/*")).getRawAuthority()).isEqualTo("a");
  }
}
