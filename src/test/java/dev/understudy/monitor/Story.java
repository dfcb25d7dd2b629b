package dev.understudy.monitor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One behaviour of a monitor: the sentence that says it, and the clauses of which {@link Stage}
 * shows it.
 */
record Story(String sentence, List<String> clauses) {
  /** A semicolon outside of quotes. */
  private static final String NEXT = ";\\s+(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)";

  /**
   * A line that is not indented begins a story, the indented lines after it are its clauses; one
   * that begins with {@code #} is a comment. Of a first line with <code>{A|B}</code> there are two
   * stories, with A and B in place of <code>{}</code>.
   */
  static List<Story> of(String text) {
    List<Story> stories = new ArrayList<>();
    for (String line : text.lines().filter(each -> !each.matches("\\s*(#.*)?")).toList()) {
      if (!line.startsWith(" ")) {
        stories.add(new Story(line, new ArrayList<>()));
      } else {
        stories.getLast().clauses().addAll(clauses(line));
      }
    }
    return stories.stream().flatMap(Story::variants).toList();
  }

  static List<String> clauses(String line) {
    return List.of(line.strip().split(NEXT));
  }

  private Stream<Story> variants() {
    Matcher matcher = Pattern.compile("(.*)\\{(.*)}(.*)").matcher(sentence);
    return matcher.matches()
        ? Arrays.stream(matcher.group(2).split("\\|"))
            .map(
                each ->
                    new Story(
                        matcher.group(1) + each + matcher.group(3),
                        clauses.stream().map(clause -> clause.replace("{}", each)).toList()))
        : Stream.of(this);
  }

  @Override
  public String toString() {
    return sentence;
  }
}
