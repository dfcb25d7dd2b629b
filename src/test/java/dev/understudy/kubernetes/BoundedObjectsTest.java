package dev.understudy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left out of too many objects does not depend on when each came. */
class BoundedObjectsTest {
  @ParameterizedTest(name = "{0}: {1}, from {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a:1 b:1 c:1           | a b c |
          a:1 b:1 c:1 d:1       | a b c | d
          d:1 c:1 b:1 a:1       | a b c | d
          a:9 b:9 c:9 d:1       | a b   | c
          d:1 a:9 b:9 c:9       | a b   | c
          c:9 d:1 b:9 a:9       | a b   | c
          a:50                  |       | a
          a:1 a:50 b:1          |       | a
          b:9 b:1 a:9 c:9       | a b c |
          a:1 b:1 c:1 d:1 -a    | b c   | d
          a:1 b:1 c:1 d:1 -a d:1 | b c  | d
          """)
  void those_whose_keys_come_first_are_kept(String steps, String kept, String end) {
    BoundedObjects<String> objects = new BoundedObjects<>(new ObjectMirror.Limits(3, 20));
    for (String each : steps.split(" ")) {
      if (each.startsWith("-")) {
        objects.remove(each.substring(1));
      } else {
        String[] parts = each.split(":");
        objects.put(parts[0], parts[0], Integer.parseInt(parts[1]));
      }
    }
    assertThat(String.join(" ", objects.all().keySet())).isEqualTo(kept == null ? "" : kept);
    assertThat(objects.end()).isEqualTo(end);
  }
}
