package dev.understudy.config;

import dev.understudy.file.BoundedYaml;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Loads files that are made to take as much memory as they can, and random ones. A program of its
 * own, so that a test can give it a small heap.
 */
final class HostileFiles {
  private static final int MIB = 1024 * 1024;

  private HostileFiles() {}

  /**
   * Prints what becomes of each file.
   *
   * @param arguments the seed of random files, and their number
   */
  public static void main(String[] arguments) {
    ConfigLoader loader = new ConfigLoader(RouteChecker.NONE);
    // One text at a time: all together are larger than the heap.
    files().forEach((name, text) -> load(loader, name, text.get()));
    Random random = new Random(Long.parseLong(arguments[0]));
    for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
      load(loader, "random " + i, random(random));
    }
  }

  private static void load(ConfigLoader loader, String name, String text) {
    long start = System.nanoTime();
    String end;
    try {
      LoadResult result =
          loader.load(Path.of("gateway.yaml"), text.getBytes(StandardCharsets.UTF_8));
      end =
          result instanceof LoadResult.Rejected rejected
              ? rejected.problems().size() + " problems, " + rejected.problems().getFirst()
              : "loaded";
      var unused = BoundedYaml.compose(text, MIB, 40, 50);
    } catch (BoundedYaml.NotYaml e) {
      end = "not YAML for the API";
    } catch (OutOfMemoryError | StackOverflowError e) {
      end = e.toString();
    }
    System.out.println(name + ": " + end + " (" + (System.nanoTime() - start) / 1_000_000 + " ms)");
  }

  private static Map<String, Supplier<String>> files() {
    Map<String, Supplier<String>> files = new LinkedHashMap<>();
    files.put(
        "merge keys that double",
        () -> doubled("x: { <<: [&a0 [{z: 1}]", ", &a%1$d [*a%2$d, *a%2$d]", "] }"));
    files.put(
        "maps that merge twice",
        () -> doubled("a0: &a0 { z: 1 }", "\na%1$d: &a%1$d { <<: [*a%2$d, *a%2$d] }", ""));
    files.put(
        "lists that double", () -> doubled("a0: &a0 [x]", "\na%1$d: &a%1$d [*a%2$d, *a%2$d]", ""));
    files.put("short items", () -> "pools: [" + repeated("a,", MIB - 20) + "a]\n");
    files.put("empty items", () -> "pools: [" + repeated("'',", MIB - 20) + "a]\n");
    files.put("empty maps", () -> "pools: [" + repeated("{},", MIB - 20) + "a]\n");
    files.put("empty lists", () -> "pools: [" + repeated("[],", MIB - 20) + "a]\n");
    files.put(
        "nested lists",
        () -> "pools: [" + repeated("[".repeat(20) + "]".repeat(20) + ",", MIB - 60) + "a]\n");
    files.put("keys without a value", () -> "pools: {" + numbered("k%x,", MIB - 20) + "a}\n");
    files.put("block keys", () -> "pools:\n" + numbered(" k%x:\n", MIB - 20));
    files.put("block items", () -> "pools:\n" + repeated("-\n", MIB - 20));
    files.put("anchors", () -> "pools: [" + numbered("&%x ,", MIB - 20) + "a]\n");
    files.put("aliases of a text", () -> "pools: [&a a," + repeated("*a ,", MIB - 40) + "a]\n");
    files.put("aliases of a map", () -> "pools: [&a {}," + repeated("*a ,", MIB - 40) + "a]\n");
    files.put("merge keys of texts", () -> "pools: {<<: [" + repeated("a,", MIB - 40) + "a]}\n");
    files.put(
        "merge keys of an alias",
        () -> "pools: {a: &a {b: c}, d: {<<: [" + repeated("*a ,", MIB - 60) + "*a ]}}\n");
    files.put(
        "merge keys in a row",
        () -> "pools: {a: &a {b: c}, d: {" + repeated("<<: *a ,", MIB - 60) + "z: z}}\n");
    files.put("tags", () -> "pools: [" + repeated("!!str a,", MIB - 40) + "a]\n");
    files.put("unknown tags", () -> "pools: [" + repeated("!a a,", MIB - 40) + "a]\n");
    files.put("comments", () -> repeated("#\n", MIB - 40) + "a: b\n");
    files.put("documents", () -> repeated("---\n", MIB - 40) + "a: b\n");
    files.put("one text", () -> "pools: \"" + repeated("a", MIB - 40) + "\"\n");
    files.put("one text of escapes", () -> "pools: \"" + repeated("\\n", MIB - 40) + "\"\n");
    files.put("one key", () -> repeated("a", MIB - 40) + ": b\n");
    files.put("deep flow", () -> "[".repeat(MIB));
    files.put("deep block", () -> deep());
    files.put("flow keys", () -> repeated("{", MIB - 40));
    files.put("question marks", () -> repeated("? ", MIB - 40));
    files.put("dashes", () -> repeated("- ", MIB - 40));
    files.put(
        "a long key of many values",
        () -> "pools: {" + "k".repeat(1000) + ": [" + "a,".repeat(55_000) + "a]}\n");
    files.put(
        "a very long key",
        () -> "pools:\n ? " + "k".repeat(400_000) + "\n : [" + "a,".repeat(55_000) + "a]\n");
    files.put(
        "many merged texts by aliases",
        () -> "pools: [&a {<<: [" + "1,".repeat(40_000) + "1]}" + ", *a".repeat(900) + "]\n");
    for (int thousand = 1; thousand < 62; thousand += 10) {
      int most = 1000 * thousand;
      files.put(most + " items", () -> "pools: [" + "a,".repeat(most) + "a]\n");
      files.put(most + " maps", () -> "pools: [" + "{},".repeat(most) + "a]\n");
      files.put(most + " lists", () -> "pools: [" + "[[]],".repeat(most / 2) + "a]\n");
      files.put(most + " keys", () -> "pools: {" + numbered("key%x,", 10 * most) + "a}\n");
      files.put(most + " tags", () -> "pools: [" + "!a a,".repeat(most) + "a]\n");
      files.put(
          most + " by aliases",
          () -> "pools: [&a [" + "{},".repeat(most / 101) + "a]" + ", *a".repeat(100) + "]\n");
    }
    files.put("pools", () -> "pools:\n" + numbered("  k%x: {}\n", MIB - 40));
    files.put(
        "servers", () -> "pools:\n  p:\n    servers:\n" + numbered("      k%x: {}\n", MIB - 60));
    files.put("routes", () -> "routes:\n" + repeated("- {}\n", MIB - 40));
    files.put("filters", () -> "routes:\n- id: a\n  filters:\n" + repeated("  - a\n", MIB - 60));
    files.put("placeholders", () -> "routes:\n" + repeated("- ${a}\n", MIB - 40));
    files.put("placeholders within placeholders", () -> "pools: " + repeated("${a:", MIB - 40));
    files.put(
        "placeholders that double",
        () -> "pools: { p: { check: '" + repeated("${user.dir}", MIB - 80) + "' } }\n");
    return files;
  }

  private static String doubled(String first, String next, String last) {
    StringBuilder text = new StringBuilder(first);
    for (int i = 1; i < 28; i++) {
      text.append(next.formatted(i, i - 1));
    }
    return text + last + "\n";
  }

  private static String repeated(String part, int bytes) {
    return part.repeat(bytes / part.length());
  }

  private static String numbered(String part, int bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < bytes - 10; i++) {
      text.append(part.formatted(i));
    }
    return text.toString();
  }

  private static String deep() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1400; i++) {
      text.append(" ".repeat(i)).append("a:\n");
    }
    return text.toString();
  }

  private static String random(Random random) {
    String[] parts = {
      "a: ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      ", ",
      "\n",
      "\n  ",
      "\n    ",
      "&a ",
      "*a ",
      "<<: ",
      "? ",
      ": ",
      "'",
      "\"",
      "|\n ",
      ">\n ",
      "!!str ",
      "!!int ",
      "~",
      "0x1f",
      "1e3",
      "#",
      "${a}",
      "pools: ",
      "servers: ",
      "routes: ",
      "%",
      "---\n",
      "\t",
      "é",
      "\u2028"
    };
    int repeats = 1 + random.nextInt(4000);
    int width = 1 + random.nextInt(12);
    StringBuilder period = new StringBuilder();
    for (int i = 0; i < width; i++) {
      period.append(parts[random.nextInt(parts.length)]);
    }
    StringBuilder text = new StringBuilder();
    text.append(random.nextBoolean() ? "pools: " : "a: &a {b: c}\nd: ");
    text.append(random.nextBoolean() ? "[" : "");
    for (int i = 0; i < repeats && text.length() < MIB - 200; i++) {
      text.append(period);
      if (random.nextInt(50) == 0) {
        text.append(parts[random.nextInt(parts.length)]);
      }
    }
    return text + "]\n";
  }
}
