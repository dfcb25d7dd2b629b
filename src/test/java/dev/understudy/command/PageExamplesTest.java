package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.Pages;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.PemAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Every file of settings that a page shows is good, by itself. A block with pools is a dynamic
 * file, one with a section of static settings such a file, any other a part of one.
 */
class PageExamplesTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");
  private static final Pattern DYNAMIC = Pattern.compile("(?m)^pools:");
  private static final Pattern STATIC = Pattern.compile("(?m)^(understudy|server|spring):");
  private static final List<Path> GUIDES =
      Pages.ofUsers().stream()
          .filter(page -> page.startsWith("config"))
          .filter(
              page ->
                  !List.of("README.md", "reference.md", "from-haproxy.md", "replace-haproxy.md")
                      .contains(name(page)))
          .toList();
  private static final List<Example> EXAMPLES = examples();

  @TempDir private static Path folder;

  private record Example(Path page, int number, String text) {
    boolean isDynamic() {
      return DYNAMIC.matcher(text).find();
    }

    boolean isStatic() {
      return !isDynamic() && STATIC.matcher(text).find();
    }

    @Override
    public String toString() {
      return page + " " + number;
    }
  }

  private static String name(Path page) {
    return page.getFileName().toString();
  }

  private static List<Example> examples() {
    List<Example> all = new ArrayList<>();
    for (Path page : Pages.ofUsers()) {
      List<MatchResult> blocks = BLOCK.matcher(Pages.read(page)).results().toList();
      for (int i = 0; i < blocks.size(); i++) {
        Example example = new Example(page, i + 1, blocks.get(i).group(1));
        if (example.isDynamic() || example.isStatic()) {
          all.add(example);
        }
      }
    }
    return all;
  }

  @BeforeAll
  static void write_the_files_that_examples_name() throws Exception {
    new Certificates(folder).issue("site");
    PemAuthority clients = new PemAuthority("CN=clients");
    PemAuthority.write(folder.resolve("ca.pem"), clients.pem());
    PemAuthority.write(folder.resolve("revoked.pem"), PemAuthority.pem(clients.revoking()));
    Files.writeString(folder.resolve("probe"), "secret");
    for (String page :
        List.of("shop-503.html", "shop-maintenance.html", "shop.html", "not-found.html")) {
      Files.writeString(folder.resolve(page), "<p>later");
    }
    Files.writeString(folder.resolve("shop.json"), "{}");
  }

  @ParameterizedTest
  @FieldSource("EXAMPLES")
  void each_is_good(Example example) throws IOException {
    String text = example.text().replace("/run/secrets", folder.toString());
    String file = Files.writeString(folder.resolve("example.yaml"), text).toString();

    TestProgram.Ran ran =
        example.isStatic()
            // Warns of files that only a server has.
            ? TestProgram.run("validate", "--static", file)
            : TestProgram.run("validate", "--strict", file);

    assertThat(ran.status()).as(ran.out() + ran.errors()).isZero();
  }

  @Test
  void each_guide_has_an_example() {
    assertThat(EXAMPLES).extracting(Example::page).containsAll(GUIDES);
  }
}
