package dev.understudy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
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
    BoundedObjects<String> objects = objects(new MirrorLimits(3, 20, 1), steps);
    assertThat(String.join(" ", objects.all().keySet())).isEqualTo(kept == null ? "" : kept);
    assertThat(objects.end()).isEqualTo(end);
  }

  @ParameterizedTest(name = "{0}: {1}, left out {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a/1:1 a/2:1 a/3:1 b/1:1         | a/1 a/2 b/1     | a
          a/3:1 b/1:1 a/2:1 a/1:1         | a/1 a/2 b/1     | a
          a/1:9 a/2:2 b/1:1               | a/1 b/1         | a
          a/1:50 b/1:1                    | b/1             | a
          a/1:50 b/1:50 c/1:50 d/1:50 e/1:1 |               | _ a b c d
          e/1:1 d/1:50 c/1:50 b/1:50 a/1:50 |               | _ a b c d
          a/1:50 b/1:50 c/1:50 d/1:50 e/1:50 |              | _ a b c d
          e/1:50 d/1:50 c/1:50 b/1:50 a/1:50 |              | _ a b c d
          a/1:5 a/2:3 a/3:2 b/1:9 c/1:9 d/1:9 a/1:8 | a/1 b/1 c/1 d/1 | a
          d/1:9 a/2:3 a/3:2 b/1:9 c/1:9 a/1:8 | a/1 b/1 c/1 d/1 | a
          a/1:1 a-b/1:1 a-b/2:1 a/2:1 a/3:1 | a-b/1 a-b/2 a/1 a/2 | a
          a/1:1 a/2:1 a/3:1 -a/1 a/4:1 a/0:1 | a/0 a/2      | a
          x:9 y:9 z:9                     | x y z           |
          """)
  void a_namespace_may_have_its_share_and_no_more(String steps, String kept, String leftOut) {
    BoundedObjects<String> objects = objects(new MirrorLimits(8, 40, 4), steps);
    assertThat(String.join(" ", objects.all().keySet())).isEqualTo(kept == null ? "" : kept);
    assertThat(String.join(" ", objects.leftOut().keySet()).replaceFirst("^ |^$", ""))
        .isEqualTo(leftOut == null ? "" : leftOut.replace("_ ", ""));
    assertThat(objects.end() != null).isEqualTo(leftOut != null && leftOut.startsWith("_"));
  }

  private static BoundedObjects<String> objects(MirrorLimits limits, String steps) {
    BoundedObjects<String> objects = new BoundedObjects<>(limits);
    for (String each : steps.split(" ")) {
      if (each.startsWith("-")) {
        objects.remove(each.substring(1));
      } else {
        String[] parts = each.split(":");
        objects.put(parts[0], parts[0], Integer.parseInt(parts[1]));
      }
    }
    return objects;
  }

  @Test
  void what_is_left_out_does_not_depend_on_the_order_in_which_objects_came() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 14; i++) {
        all.add((char) ('a' + random.nextInt(6)) + "/" + i + ":" + (1 + random.nextInt(12)));
      }
      MirrorLimits limits = new MirrorLimits(8, 40, 4);
      BoundedObjects<String> first = objects(limits, String.join(" ", all));
      Collections.shuffle(all, random);
      BoundedObjects<String> second = objects(limits, String.join(" ", all));
      assertThat(second.all()).as(all.toString()).isEqualTo(first.all());
      assertThat(second.leftOut()).as(all.toString()).isEqualTo(first.leftOut());
    }
  }

  @ParameterizedTest(name = "[{0}] of {1}: {2} objects, {3} shares")
  @CsvSource({"'', 1, 8, 4", "a, 1, 8, 1", "a, 3, 2, 1"})
  void a_mirror_of_one_of_several_namespaces_has_a_share(
      String namespace, int mirrors, int objects, int shares) {
    assertThat(new MirrorLimits(8, 40, 4).of(namespace, mirrors))
        .isEqualTo(new MirrorLimits(objects, 5L * objects, shares));
  }
}
