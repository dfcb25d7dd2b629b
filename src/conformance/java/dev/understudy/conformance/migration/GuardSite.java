package dev.understudy.conformance.migration;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A frontend and its backends, of which rules guard some.
 *
 * @param bind its line {@code bind}, with {@code %d} for the port
 * @param settings lines of the frontend before all others
 * @param acls named tests of the frontend; of one name several are alternatives
 * @param rules of the frontend and of the backends, each section's in its order
 */
record GuardSite(String bind, List<String> settings, List<GuardTerm> acls, List<GuardRule> rules) {
  static final String BIND = "bind 127.0.0.1:%d";

  /** A backend's server, by the last part of the backend's name. */
  static final List<String> BACKENDS = List.of("open", "private", "login");

  /**
   * A line of a file.
   *
   * @param rule the rule that it says; 0: none
   */
  record Line(String text, int rule, boolean refuses) {
    static Line of(String text) {
      return new Line(text, 0, false);
    }
  }

  /**
   * The site's lines.
   *
   * @param name begins the names of its sections
   * @param ports of the servers, in the order of {@link #BACKENDS}
   * @param marked whether responses tell their rule
   */
  List<Line> lines(String name, int port, List<Integer> ports, boolean marked) {
    List<Line> lines = new ArrayList<>();
    lines.add(Line.of("frontend " + name));
    lines.add(Line.of("  " + bind.formatted(port)));
    settings.forEach(each -> lines.add(Line.of("  " + each)));
    acls.forEach(each -> lines.add(Line.of("  acl " + each.acl() + " " + each.test())));
    rules("", name, marked, lines);
    for (String section : sections()) {
      lines.add(Line.of("backend " + name + "-" + section));
      rules(section, name, marked, lines);
      int server = Math.max(0, BACKENDS.indexOf(section));
      lines.add(Line.of("  server s 127.0.0.1:" + ports.get(server)));
    }
    return lines;
  }

  private void rules(String section, String name, boolean marked, List<Line> lines) {
    for (GuardRule rule : rules) {
      if (rule.section().equals(section)) {
        String text = marked ? rule.marked() : rule.text();
        text = text.replace("#", Integer.toString(rule.number())).replace("@", name);
        lines.add(new Line("  " + text, rule.number(), rule.refuses()));
      }
    }
  }

  /** The backends that rules lead to, or that have rules. */
  private Set<String> sections() {
    Set<String> sections = new LinkedHashSet<>();
    for (GuardRule rule : rules) {
      int at = rule.action().indexOf("@-");
      if (at >= 0) {
        sections.add(rule.action().substring(at + 2));
      }
    }
    rules.stream().map(GuardRule::section).filter(each -> !each.isEmpty()).forEach(sections::add);
    return sections;
  }

  /** Sites with one thing less each. */
  List<GuardSite> simpler() {
    List<GuardSite> all = new ArrayList<>();
    if (!bind.equals(BIND)) {
      all.add(new GuardSite(BIND, settings, acls, rules));
    }
    for (int i = 0; i < rules.size(); i++) {
      all.add(new GuardSite(bind, settings, acls, GuardRule.without(rules, i)));
    }
    for (int i = 0; i < settings.size(); i++) {
      all.add(new GuardSite(bind, GuardRule.without(settings, i), acls, rules));
    }
    for (int i = 0; i < acls.size(); i++) {
      String name = acls.get(i).acl();
      boolean alone = acls.stream().filter(each -> each.acl().equals(name)).count() == 1;
      if (!alone || rules.stream().noneMatch(each -> each.reads(name))) {
        all.add(new GuardSite(bind, settings, GuardRule.without(acls, i), rules));
      } else {
        all.add(inlined(i));
      }
    }
    for (int i = 0; i < rules.size(); i++) {
      for (GuardRule simpler : rules.get(i).simpler()) {
        List<GuardRule> changed = new ArrayList<>(rules);
        changed.set(i, simpler);
        all.add(new GuardSite(bind, settings, acls, changed));
      }
    }
    return all;
  }

  /** With the one test of an ACL where its name stands. */
  private GuardSite inlined(int acl) {
    GuardTerm test = acls.get(acl);
    List<GuardRule> changed =
        rules.stream()
            .map(
                rule ->
                    rule.with(
                        rule.when().stream()
                            .map(terms -> terms.stream().map(term -> inlined(term, test)).toList())
                            .toList()))
            .toList();
    return new GuardSite(bind, settings, GuardRule.without(acls, acl), changed);
  }

  private static GuardTerm inlined(GuardTerm term, GuardTerm test) {
    return term.acl().equals(test.acl()) ? new GuardTerm(term.negated(), "", test.test()) : term;
  }

  /** For a report: what a person would write. */
  String text() {
    StringBuilder text = new StringBuilder();
    lines("f", 80, List.of(8001, 8002, 8003), false)
        .forEach(line -> text.append(line.text()).append('\n'));
    return text.toString();
  }
}
