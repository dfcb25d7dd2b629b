package dev.understudy.conformance.migration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists of texts to choose from at random; the file explains its form. */
final class Vocabulary {
  private static final Pattern CHOICE = Pattern.compile("\\[\\[(.*?\\]?)\\]\\](?!\\])");
  private static final Pattern LIST = Pattern.compile("@([a-z ]+)@");

  private final Map<String, List<List<String>>> lists = new LinkedHashMap<>();

  private Vocabulary() {}

  static Vocabulary read(Path file) throws IOException {
    Vocabulary vocabulary = new Vocabulary();
    List<List<String>> list = new ArrayList<>();
    boolean fresh = true;
    for (String line : Files.readAllLines(file)) {
      if (line.matches("\\[[a-z ]+\\]")) {
        list = new ArrayList<>();
        vocabulary.lists.put(line.substring(1, line.length() - 1), list);
        fresh = true;
      } else if (line.isEmpty()) {
        fresh = true;
      } else if (!line.startsWith("#")) {
        if (fresh) {
          list.add(new ArrayList<>());
          fresh = false;
        }
        list.getLast().add(line);
      }
    }
    return vocabulary;
  }

  /** A choice of a list. */
  String pick(String list, Random random) {
    String line = one(one(lists.get(list), random), random);
    String text = LIST.matcher(line).replaceAll(of -> quoted(pick(of.group(1), random)));
    return CHOICE
        .matcher(text)
        .replaceAll(of -> quoted(one(List.of(of.group(1).split("\\|", -1)), random)));
  }

  private static String quoted(String text) {
    return Matcher.quoteReplacement(text);
  }

  static <T> T one(List<T> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }
}
