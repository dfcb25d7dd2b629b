package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Acls;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.translate.BackendMap.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A backend's name with one value of the request in it, as {@code be_%[req.hdr(host),lower]}: one
 * choice for each backend whose name it may be.
 */
final class BackendNames {
  private static final Pattern NAME =
      Pattern.compile("(?<begin>[^%]*)%\\[(?<sample>[^%]+)](?<end>[^%\\[\\]]*)");

  private BackendNames() {}

  /** Whether it is such a name, instead of a lookup in a map. */
  static boolean isOne(String text) {
    Matcher name = NAME.matcher(text);
    return name.matches()
        && Sample.parse(name.group("sample")).converters().stream()
            .noneMatch(each -> each.name().startsWith("map"));
  }

  /**
   * The choices, of which one applies at most: with any other name the default backend serves,
   * whatever lines follow.
   *
   * @throws SyntaxException if the value has no words here; the message says why
   */
  static List<Choice> of(Rules rules, String text) {
    Matcher name = NAME.matcher(text);
    if (!name.matches()) {
      throw new SyntaxException(0, "expected one value in '" + text + "'");
    }
    String begin = name.group("begin");
    String end = name.group("end");
    Sample sample = Sample.parse(name.group("sample"));
    List<Note> notes = ofValues(sample);
    List<Choice> choices = new ArrayList<>();
    for (String backend : rules.context.backends.keySet()) {
      if (backend.startsWith(begin)
          && backend.endsWith(end)
          && backend.length() > begin.length() + end.length()) {
        String value = backend.substring(begin.length(), backend.length() - end.length());
        if (mayBe(sample, value)) {
          choices.add(new Choice(test(rules, sample, "str", value).noted(notes), backend));
        }
      }
    }
    return choices;
  }

  /** Notes on a sample that may have several values, of which conditions look at all. */
  static List<Note> ofValues(Sample sample) {
    boolean field = Set.of("hdr", "req.hdr").contains(sample.name());
    return field && !sample.isHost()
        ? List.of(Note.either("of several values any counts, where HAProxy takes the last"))
        : List.of();
  }

  /** Whether converters leave letters as they are in the value. */
  private static boolean mayBe(Sample sample, String value) {
    boolean lower = sample.converters().stream().anyMatch(each -> each.name().equals("lower"));
    boolean upper = sample.converters().stream().anyMatch(each -> each.name().equals("upper"));
    return (!lower || value.equals(value.toLowerCase(Locale.ROOT)))
        && (!upper || value.equals(value.toUpperCase(Locale.ROOT)));
  }

  /**
   * The comparison of a sample with a value.
   *
   * @throws SyntaxException if it has no words here
   */
  static Expression test(Rules rules, Sample sample, String matcher, String value) {
    Expression test =
        Rules.plain(
            rules.noted(rules.withVariables(Acls.test(sample, matcher, value, rules.terms))));
    if (!test.unknown().isEmpty()) {
      throw new SyntaxException(0, String.join("; ", test.unknown()));
    }
    return test;
  }
}
