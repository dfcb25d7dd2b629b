package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.testing.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

class EntryRevisionsTest {
  private static @Nullable RegisterEntry entry(String revision) {
    return revision.equals("none")
        ? null
        : new RegisterEntry(
            RegisterKey.voter("me"),
            Long.parseLong(revision),
            new RegisterDocument("", 0, NOW, NOW, Map.of()));
  }

  /** Each write and failure is sent at the number of its word. */
  private static String play(String words) {
    EntryRevisions revisions = new EntryRevisions();
    List<String> said = new ArrayList<>();
    int sent = 0;
    for (String word : words.split(" ", -1)) {
      String[] parts = (word + "=").split("=", -1);
      sent++;
      switch (parts[0]) {
        case "written" -> {
          if (revisions.written(Long.parseLong(parts[1]), sent)) {
            said.add("back");
          }
        }
        case "failed" -> revisions.failed(sent);
        case "found", "ours" -> {
          RegisterEntry found = entry(parts[1]);
          if (revisions.isSetBack(found)) {
            said.add("back");
          }
          if (revisions.settle(found, parts[0].equals("ours"))) {
            said.add("landed");
          }
        }
        case "told" -> said.add(revisions.cameBack(Long.parseLong(parts[1])).toString());
        default -> revisions.replace(entry(parts[1]));
      }
    }
    return (String.join(" ", said) + " upon " + revisions.base()).strip();
  }

  @Rows(
      """
      # what the next write rests on
      replace=7                                 | upon 7
      replace=none                              | upon 0
      replace=7 written=8                       | upon 8
      # what comes back
      written=11 told=10                        | [] upon 11
      written=11 told=11                        | [1] upon 11
      written=11 written=12 told=12 told=12     | [1, 2] [] upon 12
      # a conflict
      written=11 failed ours=11                 | upon 11
      written=11 failed ours=14 told=14         | landed [1, 2] upon 14
      written=11 failed failed ours=14 told=14  | landed [1, 2] upon 14
      written=11 failed found=14 told=14        | [1] upon 14
      written=11 failed found=none told=14      | [1] upon 0
      written=11 ours=14 told=14                | [1] upon 14
      written=11 replace=none failed ours=14    | upon 14
      # a store that was set back
      written=11 written=6                      | back upon 6
      written=11 written=6 told=11              | back [2] upon 6
      written=11 failed ours=4 written=6        | back upon 6
      written=11 failed ours=4 told=4           | back [] upon 4
      """)
  void a_write_rests_on_what_is_known(String words, String expected) {
    assertThat(play(words)).isEqualTo(expected);
  }
}
