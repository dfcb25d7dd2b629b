package dev.understudy.conformance.migration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Configurations that guard servers at random, and requests that look for a way around them, made
 * of few paths, hosts and fields, so that rules and requests meet. The same seed gives the same.
 */
final class RandomGuards {
  private static final Path WORDS = Path.of("src/conformance/haproxy/guards.txt");

  private static final boolean HAS_IPV6 = Files.exists(Path.of("/proc/net/if_inet6"));

  private final Vocabulary words;
  private final Random random;
  private int numbers;

  RandomGuards(long seed) throws IOException {
    words = Vocabulary.read(WORDS);
    random = new Random(seed);
  }

  GuardSite site() {
    numbers = 0;
    String bind = oneIn(6) && HAS_IPV6 ? pick("dual bind") : GuardSite.BIND;
    List<String> settings = new ArrayList<>();
    settings.add("option http-buffer-request");
    if (oneIn(3)) {
      settings.add(pick("setting"));
    }
    if (oneIn(6)) {
      settings.add(
          "stick-table type ip size 1k expire 1m store gpc0,http_req_cnt,http_req_rate(1m)");
      settings.add("http-request track-sc0 src");
    }
    List<GuardTerm> acls = new ArrayList<>();
    int named = random.nextInt(4);
    for (int i = 0; i < named; i++) {
      acls.add(new GuardTerm(false, "x" + i, pick("test")));
      if (oneIn(4)) {
        acls.add(new GuardTerm(false, "x" + i, pick("test")));
      }
    }
    List<String> names = acls.stream().map(GuardTerm::acl).distinct().toList();
    return new GuardSite(bind, settings, acls, rules(names));
  }

  private List<GuardRule> rules(List<String> names) {
    List<GuardRule> rules = new ArrayList<>();
    if (oneIn(2)) {
      pair(names, rules);
    }
    int more = random.nextInt(4) + (rules.isEmpty() ? 1 : 0);
    for (int i = 0; i < more; i++) {
      rules.add(oneIn(3) ? change("", names) : refusal("", names));
    }
    if (oneIn(8)) {
      rules.add(rule("", "tcp-request content reject", true, names, 0));
    }
    if (oneIn(8)) {
      rules.add(rule("", "redirect location /login?rule=#", true, names, 0));
    }
    int choices = random.nextInt(4);
    for (int i = 0; i < choices; i++) {
      rules.add(choice(names));
    }
    if (!oneIn(10)) {
      rules.add(
          new GuardRule(++numbers, "", "default_backend @-open", false, false, List.of(), "or"));
    } else if (choices == 0) {
      rules.add(rule("", "use_backend @-open", false, names, 0));
    }
    if (leads(rules, "wall")) {
      rules.add(rule("wall", "http-request deny", true, List.of(), 3));
    }
    for (String section : List.of("private", "open")) {
      int own = leads(rules, section) ? random.nextInt(3) : 0;
      for (int i = 0; i < own; i++) {
        rules.add(oneIn(3) ? change(section, List.of()) : refusal(section, List.of()));
      }
    }
    return rules;
  }

  private GuardRule choice(List<String> names) {
    String backend = Vocabulary.one(List.of("private", "login", "wall", "open"), random);
    return rule("", "use_backend @-" + backend, false, names, 0);
  }

  private static boolean leads(List<GuardRule> rules, String backend) {
    return rules.stream().anyMatch(each -> each.action().endsWith("@-" + backend));
  }

  /**
   * A rule.
   *
   * @param always out of four that have no condition
   */
  private GuardRule rule(
      String section, String action, boolean refuses, List<String> acls, int always) {
    boolean none = random.nextInt(4) < always;
    return new GuardRule(
        ++numbers,
        section,
        action,
        refuses,
        oneIn(4),
        none ? List.of() : condition(acls),
        pick("or"));
  }

  private List<List<GuardTerm>> condition(List<String> acls) {
    List<List<GuardTerm>> alternatives = new ArrayList<>();
    int count = oneIn(4) ? 2 : 1;
    for (int i = 0; i < count; i++) {
      List<GuardTerm> terms = new ArrayList<>();
      int all = 1 + random.nextInt(2);
      for (int j = 0; j < all; j++) {
        boolean named = !acls.isEmpty() && !oneIn(3);
        terms.add(
            new GuardTerm(
                oneIn(3), named ? Vocabulary.one(acls, random) : "", named ? "" : pick("test")));
      }
      alternatives.add(terms);
    }
    return alternatives;
  }

  private GuardRule refusal(String section, List<String> acls) {
    String action = pick("refusal");
    boolean auth = action.contains(" auth ");
    GuardRule rule = rule(section, action, true, acls, auth ? 1 : 0);
    if (!auth && !oneIn(10)) {
      return rule;
    }
    List<List<GuardTerm>> bare = rule.when().isEmpty() ? List.of(List.of()) : rule.when();
    List<List<GuardTerm>> when = new ArrayList<>();
    for (List<GuardTerm> all : bare) {
      List<GuardTerm> with = new ArrayList<>(all);
      with.add(new GuardTerm(!rule.unless(), "", "http_auth(staff)"));
      when.add(with);
    }
    return rule.with(when);
  }

  private GuardRule change(String section, List<String> acls) {
    String action = pick("change");
    return rule(section, "http-request " + action, false, acls, action.equals("allow") ? 0 : 1);
  }

  /** A rule that changes what the next one reads. */
  private void pair(List<String> acls, List<GuardRule> rules) {
    String[] parts = pick("pair").split(" => ", 2);
    String test = parts[1];
    if (parts[0].startsWith("set-var(")) {
      test = parts[0].substring(4, parts[0].indexOf(')') + 1) + " " + test;
    }
    List<GuardTerm> all = new ArrayList<>();
    all.add(new GuardTerm(oneIn(3), "", test));
    if (oneIn(3)) {
      all.add(new GuardTerm(oneIn(3), "", pick("test")));
    }
    rules.add(rule("", "http-request " + parts[0], false, acls, 2));
    rules.add((oneIn(4) ? choice(acls) : refusal("", acls)).with(List.of(all)));
  }

  GuardRequest request() {
    String path = pick("requested path");
    boolean plain = !oneIn(2);
    String query = pick("query");
    List<String> fields = new ArrayList<>();
    fields.add("Host: " + pick("requested host"));
    int tokens = random.nextInt(5);
    for (int i = 3; i <= tokens; i++) {
      fields.add(pick("token"));
    }
    if (oneIn(3)) {
      fields.add(pick("field"));
    }
    String method = pick("method");
    String body = "";
    if (oneIn(3) || method.equals("POST") || method.equals("PUT")) {
      String content = oneIn(4) ? "" : pick("body");
      boolean chunked = oneIn(2);
      fields.add(chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + content.length());
      body = chunked ? chunks(content) : content;
    }
    String target = (plain ? path : evasive(path)) + query;
    boolean oneForm = plain && query.indexOf('%') < 0;
    return new GuardRequest(pick("from"), method, target, fields, body, oneForm);
  }

  private static String chunks(String content) {
    String chunk = Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    return (content.isEmpty() ? "" : chunk) + "0\r\n\r\n";
  }

  /** Another form of a path, or one close to it. */
  private String evasive(String path) {
    return switch (random.nextInt(20)) {
      case 0 -> "/" + path;
      case 1 -> "/." + path;
      case 2 -> "/x/.." + path;
      case 3 -> "/open/.." + path;
      case 4 -> "/x/%2e%2e" + path;
      case 5 -> "/%2e" + path;
      case 6 ->
          path.length() > 1
              ? "/%" + Integer.toHexString(path.charAt(1)) + path.substring(2)
              : "/%2f";
      case 7 -> path.toUpperCase(Locale.ROOT);
      case 8 -> path + "/";
      case 9 -> path + ";x=1";
      case 10 -> "/%2f" + path.substring(1);
      case 11 -> path.replaceFirst("admin", "%2561dmin");
      case 12 -> path + "/.";
      case 13 -> path + "/..";
      case 14 -> path + "%2f..%2fadmin";
      case 15 -> "/x/..;" + path;
      case 16 -> path + "//";
      case 17 -> path + "%3Cscript";
      case 18 -> "http://a.example" + path;
      default -> path + "%00";
    };
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private String pick(String list) {
    return words.pick(list, random);
  }
}
