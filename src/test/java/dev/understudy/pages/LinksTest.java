package dev.understudy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every relative link of every page leads to a file of the repository, and to a heading in it. */
class LinksTest {
  /** Inline, with a text that may go over lines, or a definition that others refer to. */
  private static final Pattern LINK =
      Pattern.compile("(?m)\\[[^\\]]*]\\(([^()\\s]+)\\)|^\\[[^\\]]+]: *(\\S+)$");

  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
  private static final Pattern HEADING = Pattern.compile("#{1,6} (.*)");

  /**
   * Pages of the site that has the repository, beside its files: their address is not known here.
   */
  private static final Set<String> OF_THE_SITE =
      Set.of("../../releases", "../../../../releases", "../../issues/new/choose");

  @TempDir private Path folder;

  private static List<Path> pages() {
    return Pages.all();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void each_link_leads_somewhere(Path page) {
    assertThat(broken(page)).isEmpty();
  }

  @Test
  void links_to_missing_files_and_headings_are_found() throws IOException {
    Files.writeString(
        folder.resolve("other.md"), "# Of `one` thing, & more\n\n## Twice\n## Twice\n");
    Path page =
        Files.writeString(
            folder.resolve("page.md"),
            """
            # Here
            [a](other.md) [b](other.md#of-one-thing--more) [c](#here) [d](https://example.com/x)
            [e](other.md#twice) [f](other.md#twice-1) [g](.) ![h](other.md)
            `[code](code.md)`
            ```sh
            # No heading
            [fenced](fenced.md)
            ```
            [i](gone.md) [j](other.md#gone) [k](#no-heading) [l](other.md#twice-2) ![m](gone.png)
            [over
            lines](../page.md)

            [o]: gone-too.md
            """);

    assertThat(broken(page))
        .containsExactly(
            "gone.md",
            "other.md#gone",
            "#no-heading",
            "other.md#twice-2",
            "gone.png",
            "../page.md",
            "gone-too.md");
  }

  private static List<String> broken(Path page) {
    return links(page).stream().filter(link -> !resolves(page, link)).toList();
  }

  /** In the page's order, without those to other sites. */
  private static List<String> links(Path page) {
    List<String> links = new ArrayList<>();
    String plain = CODE.matcher(String.join("\n", text(page))).replaceAll("");
    LINK.matcher(plain)
        .results()
        .forEach(link -> links.add(link.group(1) == null ? link.group(2) : link.group(1)));
    links.removeIf(link -> ELSEWHERE.matcher(link).matches() || OF_THE_SITE.contains(link));
    return links;
  }

  private static boolean resolves(Path page, String link) {
    String[] parts = link.split("#", 2);
    String path = URLDecoder.decode(parts[0], StandardCharsets.UTF_8);
    Path file = path.isEmpty() ? page : page.resolveSibling(path);
    return Files.exists(file)
        && (parts.length == 1
            || (file.toString().endsWith(".md") && anchors(file).contains(parts[1])));
  }

  /** As GitHub makes them of headings: the second of the same name ends with -1. */
  private static Set<String> anchors(Path page) {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String line : text(page)) {
      HEADING
          .matcher(line)
          .results()
          .filter(heading -> heading.start() == 0)
          .forEach(
              heading -> {
                String anchor = anchor(heading.group(1));
                int before = seen.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
              });
    }
    return anchors;
  }

  private static String anchor(String heading) {
    return heading
        .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
        .strip()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  /** The lines that are no code. */
  private static List<String> text(Path page) {
    List<String> text = new ArrayList<>();
    boolean fenced = false;
    try {
      for (String line : Files.readAllLines(page)) {
        boolean fence = line.stripLeading().startsWith("```");
        fenced ^= fence;
        if (!fence && !fenced) {
          text.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text;
  }
}
