package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Configurations made of lines and words of real ones, mixed by chance: no import fails, each line
 * has one verdict, and what is written is YAML. A seed by {@code -Dunderstudy.import.seed=N}.
 */
@Tag(Extent.FULL)
class FuzzTest {
  private static final Path SAMPLES = Path.of("src/test/resources/dev/understudy/haproxy");
  private static final int CASES = Extent.rounds(60);
  private static final String ODD = "\"'\\#{}[]()%$,:!|\u2028\u00e9\u0007 \t";

  @RepeatedTest(10)
  void any_configuration_is_imported_or_refused(RepetitionInfo repetition) throws IOException {
    long seed = Long.getLong("understudy.import.seed", 7_000L + repetition.getCurrentRepetition());
    Random random = new Random(seed);
    List<String> lines = lines();
    for (int i = 0; i < CASES; i++) {
      String text = text(random, lines);
      check(seed, text);
    }
  }

  private static List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(SAMPLES)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".cfg")).sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    for (String row : Files.readAllLines(SAMPLES.resolve("keywords.txt"))) {
      if (row.startsWith("proxy | ")) {
        lines.add("  " + row.substring("proxy | ".length()));
      }
    }
    return lines;
  }

  private static String text(Random random, List<String> lines) {
    StringBuilder text = new StringBuilder();
    int count = 5 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      String line = lines.get(random.nextInt(lines.size()));
      text.append(random.nextInt(4) == 0 ? mutated(random, line, lines) : line).append('\n');
    }
    return text.toString();
  }

  private static String mutated(Random random, String line, List<String> lines) {
    List<String> words = new ArrayList<>(Arrays.asList(line.split(" ", -1)));
    int at = random.nextInt(words.size());
    switch (random.nextInt(4)) {
      case 0 -> words.remove(at);
      case 1 -> words.add(at, words.get(random.nextInt(words.size())));
      case 2 -> {
        String[] others = lines.get(random.nextInt(lines.size())).split(" ", -1);
        words.set(at, others[random.nextInt(others.length)]);
      }
      default -> words.set(at, words.get(at) + ODD.charAt(random.nextInt(ODD.length())));
    }
    return String.join(" ", words);
  }

  private static void check(long seed, String text) {
    Result result;
    try {
      result = Imports.of(text);
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed + ":\n" + text, e);
    }
    assertThat(result.report()).as(text).isNotBlank();
    if (result instanceof Imported imported) {
      List<String> sources =
          text.lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .toList();
      assertThat(imported.lines()).as("seed " + seed + "\n" + text).hasSameSizeAs(sources);
      new Yaml(new SafeConstructor(new LoaderOptions())).<Object>load(imported.yaml());
    }
  }
}
