package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.ProbeOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The console's files: complete, small, and obeying the policy that they are sent with. */
class ConsoleTest {
  private static final Path APP = Path.of("src/main/resources/dev/understudy/admin/console/app");

  /** What a browser loads at the first visit; an operator's connection may be slow at night. */
  private static final int MOST_BYTES = 76_000;

  private static final int MOST_BYTES_UNPACKED = 208_000;

  private static ConsoleFiles files;

  @BeforeAll
  static void load() throws IOException {
    files = ConsoleFiles.load();
  }

  private static String text(ConsoleFiles.File file) {
    return new String(file.bytes(), StandardCharsets.UTF_8);
  }

  private static String module(String name) {
    return text(files.assets().get("app/" + name + ".js"));
  }

  private static Map<String, String> modules() {
    return files.assets().keySet().stream()
        .filter(path -> path.startsWith("app/") && !path.equals("app/words.js"))
        .map(path -> path.substring("app/".length(), path.length() - ".js".length()))
        .collect(Collectors.toMap(name -> name, ConsoleTest::module));
  }

  @Test
  void every_module_is_served() throws IOException {
    try (Stream<Path> all = Files.list(APP)) {
      assertThat(all.map(path -> path.getFileName().toString()).sorted())
          .isEqualTo(modules().keySet().stream().map(name -> name + ".js").sorted().toList());
    }
  }

  @Test
  void modules_import_served_files_only() {
    Pattern imports = Pattern.compile("(?:from|import) ?\"([^\"]+)\"");

    files
        .assets()
        .forEach(
            (path, file) ->
                assertThat(imports.matcher(text(file)).results().map(found -> found.group(1)))
                    .allSatisfy(
                        name ->
                            assertThat(files.assets())
                                .containsKey(URI.create(path).resolve(name).toString())));
  }

  @Test
  void the_page_loads_its_own_files_only() {
    List<String> loaded =
        Pattern.compile("(?:<script|<link)[^>]* (?:src|href)=\"([^\"]*)\"")
            .matcher(text(files.index()))
            .results()
            .map(found -> found.group(1))
            .toList();

    String prefix = "assets/" + files.hash() + "/";
    assertThat(loaded)
        .hasSizeGreaterThan(modules().size())
        .allSatisfy(
            path ->
                assertThat(path)
                    .satisfiesAnyOf(
                        ours -> assertThat(ours).isEqualTo("favicon.svg"),
                        ours ->
                            assertThat(files.assets())
                                .containsKey(ours.replaceFirst("^" + prefix, ""))));
  }

  @Test
  void the_page_has_nothing_inline() {
    assertThat(text(files.index()))
        .doesNotContain("<style", "style=", "onclick", "javascript:", "{assets}", "{modules}")
        .doesNotContainPattern("<script(?![^>]*src=)");
  }

  @Test
  void no_module_has_inline_style_or_takes_text_for_markup() {
    assertThat(modules())
        .allSatisfy(
            (name, script) ->
                assertThat(script)
                    .doesNotContain("new Function")
                    .doesNotContain(
                        "innerHTML outerHTML insertAdjacentHTML document.write unsafe eval( style= EventSource("
                            .split(" ")));
  }

  @Test
  void the_page_is_small() {
    List<ConsoleFiles.File> all =
        Stream.concat(Stream.of(files.index(), files.icon()), files.assets().values().stream())
            .toList();

    assertThat(all.stream().mapToInt(file -> compressed(file.bytes())).sum())
        .isLessThanOrEqualTo(MOST_BYTES);
    assertThat(all.stream().mapToInt(file -> file.bytes().length).sum())
        .isLessThanOrEqualTo(MOST_BYTES_UNPACKED);
  }

  private static int compressed(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.size();
  }

  @Test
  void the_page_offers_every_kind_of_event() {
    List<String> offered =
        Pattern.compile("^  ([a-z]+): \"", Pattern.MULTILINE)
            .matcher(module("events").replaceAll("(?s)\\};.*", ""))
            .results()
            .map(found -> found.group(1))
            .toList();

    assertThat(offered)
        .containsExactly(
            Stream.of(Event.Kind.values())
                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new));
  }

  @Test
  void the_page_has_words_for_every_reason_of_a_switch_and_outcome_of_a_check() {
    assertThat(module("condition")).contains("import { OUTCOMES, REASONS } from \"./words.js\"");
    assertThat(SwitchReason.values())
        .allSatisfy(
            each ->
                assertThat(module("words"))
                    .contains("\"" + each.name() + "\":\"" + each.words() + "\""));
    assertThat(ProbeOutcome.values())
        .allSatisfy(
            each ->
                assertThat(module("words"))
                    .contains("\"" + each.name() + "\":\"" + each.words() + "\""));
  }
}
