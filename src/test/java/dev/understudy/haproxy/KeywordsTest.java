package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every keyword of HAProxy's manuals gets a verdict with words of its own. */
@Tag(Extent.SLOW)
class KeywordsTest {
  private static final Path KEYWORDS =
      Path.of("src/test/resources/dev/understudy/haproxy/keywords.txt");

  @Test
  void every_keyword_of_the_manuals_is_known() throws IOException {
    List<String> unknown = new ArrayList<>();
    int keywords = 0;
    for (String row : Files.readAllLines(KEYWORDS)) {
      if (!row.startsWith("#")) {
        keywords++;
        String place = row.substring(0, row.indexOf('|')).strip();
        String keyword = row.substring(row.indexOf('|') + 1).strip();
        if (!isKnown(place, keyword)) {
          unknown.add(row);
        }
      }
    }
    assertThat(keywords).isGreaterThan(700);
    assertThat(unknown).isEmpty();
  }

  private static boolean isKnown(String place, String keyword) {
    Result result = Imports.of(text(place, keyword));
    if (!(result instanceof Imported imported)) {
      return !result.report().isEmpty();
    }
    return imported.lines().stream().allMatch(KeywordsTest::hasWords);
  }

  private static boolean hasWords(LineVerdict line) {
    return !line.text().contains("that this import knows")
        && !line.text().contains("the import cannot read");
  }

  private static String text(String place, String keyword) {
    return switch (place) {
      case "global" -> "global\n  " + keyword + "\n" + Imports.front();
      case "bind" -> Imports.front("bind :8443 " + keyword);
      case "server" -> Imports.back("server two 127.0.0.1:82 " + keyword);
      case "proxy" -> Imports.front(keyword) + "  " + keyword + "\n";
      case "tcp-request" -> Imports.front("tcp-request content " + keyword);
      default -> Imports.front(place + " " + keyword);
    };
  }
}
