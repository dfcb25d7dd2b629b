package dev.understudy.config;

import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Regex;
import dev.understudy.pool.StatusSet;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Maps {@code expect} of an HTTP check, one map or a list of them.
 *
 * @param typeKnown false if the check's type may be another: then keys of others are no problem
 */
record ExpectationMapper(RecordReader reader, SectionReader health, boolean typeKnown) {
  private static final List<String> OF_TCP = List.of("text", "text-regex", "hex", "min-bytes");

  Expectation map(RawHealth.Expect one) {
    Node node = health.node("expect");
    if (node instanceof ListNode list) {
      return ofRules(rules(list));
    }
    SectionReader section = health.child("expect");
    Expectation.Rule rule = rule(one, section);
    Expectation.Rule not = not(one, section);
    boolean statusNamed = not != null && not.status() != null;
    return new Expectation(
        status(rule.status(), statusNamed),
        rule.body(),
        rule.bodyRegex(),
        rule.header(),
        not == null ? List.of() : List.of(not));
  }

  private static Expectation ofRules(List<Expectation.Rule> rules) {
    boolean statusNamed = rules.stream().anyMatch(rule -> rule.status() != null);
    return new Expectation(status(null, statusNamed), null, null, null, rules);
  }

  /** The default holds unless a rule speaks of the status. */
  private static StatusSet status(@Nullable StatusSet own, boolean statusNamed) {
    if (own != null) {
      return own;
    }
    return statusNamed ? Expectation.ANY_STATUS : Expectation.DEFAULT.status();
  }

  private List<Expectation.Rule> rules(ListNode list) {
    List<Expectation.Rule> rules = new ArrayList<>();
    for (Node item : list.items()) {
      if (item instanceof MapNode map) {
        RawHealth.Expect raw = reader.read(map, RawHealth.Expect.class);
        SectionReader section = new SectionReader(map, health.problems());
        if (map.entries().isEmpty()) {
          health.problems().wrong(map, "status, body, body-regex, header or not");
        }
        Expectation.Rule rule = rule(raw, section);
        if (hasAny(rule)) {
          rules.add(rule);
        }
        Expectation.Rule not = not(raw, section);
        if (not != null) {
          rules.add(not);
        }
      }
    }
    return rules;
  }

  private static boolean hasAny(Expectation.Rule rule) {
    return rule.status() != null
        || rule.body() != null
        || rule.bodyRegex() != null
        || rule.header() != null;
  }

  private Expectation.Rule rule(RawHealth.Expect raw, SectionReader section) {
    return rule(false, raw.status(), raw.body(), raw.bodyRegex(), raw.header(), section);
  }

  private Expectation.@Nullable Rule not(RawHealth.Expect raw, SectionReader parent) {
    RawHealth.ExpectNot not = raw.not();
    return not == null
        ? null
        : rule(true, not.status(), not.body(), not.bodyRegex(), not.header(), parent.child("not"));
  }

  private Expectation.Rule rule(
      boolean not,
      @Nullable String status,
      @Nullable String body,
      @Nullable String bodyRegex,
      @Nullable ExpectedHeader header,
      SectionReader section) {
    notOfTcp(section);
    return new Expectation.Rule(
        not, status(status, section), body, regex(bodyRegex, "body-regex", section), header);
  }

  private void notOfTcp(SectionReader section) {
    if (typeKnown && health.hasOwn("expect")) {
      OF_TCP.forEach(key -> section.onlyWith(key, "type: tcp"));
    }
  }

  private static @Nullable StatusSet status(@Nullable String text, SectionReader section) {
    try {
      return text == null ? null : StatusSet.parse(text);
    } catch (IllegalArgumentException e) {
      section.wrong("status", "status codes from 100 to 599, such as 200-399 or 200,204");
      return Expectation.DEFAULT.status();
    }
  }

  static @Nullable Regex regex(@Nullable String text, String key, SectionReader section) {
    try {
      return text == null ? null : Regex.of(text);
    } catch (PatternSyntaxException e) {
      section.wrong(key, "a regular expression (" + e.getDescription() + ")");
      return null;
    }
  }
}
