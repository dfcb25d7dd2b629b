package dev.understudy.condition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of a path; what guards make of them is in {@code GuardsOnSocketsTest}. */
class PathFormsTest {
  @ParameterizedTest
  @ValueSource(strings = {"/", "/a/b.c", "/a-~_/x:y@z", "/a(b)'c!,$&*+="})
  void a_plain_path_has_no_other_form(String path) {
    assertThat(PathForms.others(path, path)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /a/../b      | /b          | /a/../b
          /a%20b       | /a%20b      | /a b
          /%61%40      | /a%40       | /%61%40,/a@
          /caf%c3%a9   | /caf%C3%A9  | /caf%c3%a9,/café
          /%25%3f%23%0 | /%25%3F%23%250 | /%25%3f%23%0,/%25%3F%23%0
          /caf%e9@     | /caf%E9@    | /caf%e9@
          /caf%e9%40   | /caf%E9%40  | /caf%e9%40,/caf%E9@
          //a          | //a         | /a
          /a;b=c/d     | /a;b=c/d    | /a/d
          /a%3bb/d     | /a%3Bb/d    | /a%3bb/d,/a;b/d,/a/d
          /a\\b        | /a%5Cb      | /a\\b,/a/b
          /a;%2Fx/b    | /a;%2Fx/b   | /a;/x/b,/a/b,/a/x/b
          /a/..;/b     | /a/..;/b    | /a/../b,/b
          /a%2F..      | /a%2F..     | /a/..,/
          /a%2fb       | /a%2Fb      | /a%2fb,/a/b
          //a//../b    | //a/b       | //a//../b,/a/../b,/a/b,/b
          """)
  void the_forms_of_a_path(String path, String normal, String forms) {
    assertThat(PathForms.others(path, normal)).containsExactlyInAnyOrder(forms.split(","));
  }

  @Test
  void more_forms_than_are_tried_are_too_many() {
    String worst = "//a%5C..;b/..//c%2F;d/../e;%2Ff/..%5C..//g";
    assertThat(PathForms.areTooMany(PathForms.others(worst, worst))).isTrue();
    String longest = "/;" + "a".repeat(70_000) + "/%20";
    assertThat(PathForms.areTooMany(PathForms.others(longest, longest))).isTrue();
    String line = "/p/https%3A%2F%2Fh%2F" + "a".repeat(8_000) + ";b";
    assertThat(PathForms.areTooMany(PathForms.others(line, line))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a%20b;c//d",
        "/a;jsessionid=1/x//y/./z%20a",
        "/p/https:%2F%2Fh%2Fa;b//c",
        "/x;a=b/https%3A%2F%2Fh.com%2F..%2Fq;c",
        "/a%2Fb%5Cc;d//e%20f"
      })
  void a_path_that_may_be_meant_well_has_not_too_many(String path) {
    assertThat(PathForms.areTooMany(PathForms.others(path, path))).isFalse();
  }

  @Test
  void forms_are_few_whatever_a_client_sends() {
    String[] parts = {"/", "//", "a", "..", ".", ";", "%2F", "%5C", "\\", "%3B", "%2e", "%25", "%"};
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      StringBuilder path = new StringBuilder("/");
      for (int j = 0; j < 20; j++) {
        path.append(parts[random.nextInt(parts.length)]);
      }
      assertThat(PathForms.others(path.toString(), "/")).hasSizeLessThanOrEqualTo(24);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /admin      | /admin
          /@admin     | /@admin
          /%40admin   | /%40admin /@admin
          /caf%c3%a9  | /caf%c3%a9 /café /caf%C3%A9
          /café       | /café /caf%C3%A9
          %c0         | %c0 %C0
          /é%41       | /é%41 /éA /%C3%A9A
          /%2F%3b%2e%5c/ | /%2F%3b%2e%5c/ /%2F%3B.%5C/
          %2f         | %2f %2F
          %2E%2e      | %2E%2e %2E%2E
          /v1%2E0     | /v1%2E0 /v1.0
          /100%       | /100% /100%25
          """)
  void the_ways_to_write_a_path(String written, String spellings) {
    assertThat(PathForms.spellings(written)).containsExactly(spellings.split(" "));
  }
}
