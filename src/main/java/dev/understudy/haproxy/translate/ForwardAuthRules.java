package dev.understudy.haproxy.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The actions of haproxy-auth-request, {@code lua.auth-request} and {@code lua.auth-intercept},
 * with the rules after them that refuse what the authenticator does not admit: one {@code
 * ForwardAuth}, which is never weaker. Whatever else rules do with the authenticator's answer is
 * not translated.
 */
final class ForwardAuthRules {
  private static final String ASKS = "lua.auth-request";
  private static final String INTERCEPTS = "lua.auth-intercept";
  private static final String SUCCESS = "{ var(txn.auth_response_successful) -m bool }";
  private static final String FIELD = "%[var(req.auth_response_header.";

  private static final Set<String> REFUSALS =
      Set.of("deny", "reject", "redirect", "return", "tarpit", "silent-drop");

  private final ImportContext context;
  private final RuleLine ask;
  private final String asked;

  /** The rules that belong to the request of an authenticator, compared by identity. */
  private final List<RuleLine> parts = new ArrayList<>();

  private final Set<String> fields = new LinkedHashSet<>();

  private ForwardAuthRules(ImportContext context, RuleLine ask) {
    this.context = context;
    this.ask = ask;
    this.asked = condition(ask);
  }

  /** The rules of a section, if they are the whole pattern; null if not. */
  static @Nullable ForwardAuthRules of(List<RuleLine> rules, ImportContext context) {
    List<RuleLine> asks = rules.stream().filter(ForwardAuthRules::asks).toList();
    if (asks.size() != 1) {
      return null;
    }
    ForwardAuthRules found = new ForwardAuthRules(context, asks.getFirst());
    return found.read(rules.subList(rules.indexOf(asks.getFirst()) + 1, rules.size()))
        ? found
        : null;
  }

  private static boolean asks(RuleLine rule) {
    return rule.argument(0).equals(ASKS) || rule.argument(0).equals(INTERCEPTS);
  }

  /** The words of a condition; those of an alternative are none that another can be added to. */
  private static String condition(RuleLine rule) {
    String words = String.join(" ", rule.condition()).replace("! {", "!{");
    return rule.unless() ? "unless " + words : words;
  }

  private boolean read(List<RuleLine> later) {
    boolean intercepts = ask.argument(0).equals(INTERCEPTS);
    String path = ask.argument(2);
    if (ask.arguments().size() != (intercepts ? 7 : 3)
        || !context.pooled.containsKey(ask.argument(1))
        || context.backend(ask.argument(1)).isTcp()
        || !path.startsWith("/")
        || (" " + asked + " ").matches(".* (\\|\\||or|unless) .*")) {
      return false;
    }
    boolean refuses = false;
    for (RuleLine rule : later) {
      if (refuses(rule)) {
        parts.add(rule);
        refuses |= isEveryRefusal(rule);
      } else if (takes(rule)) {
        parts.add(rule);
        fields.add(rule.argument(1));
      }
    }
    if (!intercepts) {
      return refuses;
    }
    String succeeded = ask.argument(5);
    if (succeeded.matches(".*[*?].*")) {
      return false;
    }
    names(succeeded).forEach(fields::add);
    return refuses || !ask.argument(6).equals("-");
  }

  private static List<String> names(String list) {
    return list.equals("-")
        ? List.of()
        : Arrays.stream(list.split(",", -1)).filter(each -> !each.isEmpty()).toList();
  }

  /** Whether the rule ends some of the requests that were not admitted, and no others. */
  private boolean refuses(RuleLine rule) {
    String words = condition(rule);
    return REFUSALS.contains(rule.argument(0))
        && (isEveryRefusal(rule)
            || (!rule.unless()
                && words.contains("!" + SUCCESS)
                && words.contains(asked)
                && !(" " + words + " ").matches(".* (\\|\\||or) .*")));
  }

  private boolean isEveryRefusal(RuleLine rule) {
    String words = condition(rule);
    return asked.isEmpty()
        ? words.equals("!" + SUCCESS) || words.equals("unless " + SUCCESS)
        : words.equals(asked + " !" + SUCCESS) || words.equals("!" + SUCCESS + " " + asked);
  }

  /** Whether the rule gives the request a field that the authenticator's response has. */
  private boolean takes(RuleLine rule) {
    String name = rule.argument(1).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
    String words = condition(rule);
    return rule.argument(0).equals("set-header")
        && rule.argument(2).toLowerCase(Locale.ROOT).equals(FIELD + name + ")]")
        && (words.isEmpty()
            || words.equals(asked)
            || words.equals("{ var(req.auth_response_header." + name + ") -m found }"));
  }

  /** Translates a rule that belongs to it; returns false for any other. */
  @SuppressWarnings("ReferenceEquality") // two lines may have the same words
  boolean translate(RuleTranslation rule) {
    if (rule.line == ask) {
      translateAsk(rule);
      return true;
    }
    boolean part = parts.stream().anyMatch(each -> each == rule.line);
    if (part) {
      rule.row("http-request deny (forward-auth)", "");
    }
    return part;
  }

  private void translateAsk(RuleTranslation rule) {
    Map<String, String> arguments =
        ImportedFilter.arguments(
            "url", "pool://" + context.pools.of(ask.argument(1)) + ask.argument(2));
    if (!fields.isEmpty()) {
      arguments.put("response-headers", String.join(",", fields));
    }
    List<String> sent =
        ask.argument(0).equals(INTERCEPTS)
            ? names(ask.argument(4)).stream().filter(each -> !each.matches(".*[*?].*")).toList()
            : List.of();
    if (!sent.isEmpty()) {
      arguments.put("request-headers", String.join(",", sent));
    }
    rule.deny(rule.line.filter("ForwardAuth", rule.guard(false), arguments), ask.row(), "");
  }

  /** Refuses one of these actions whose other rules are missing. */
  static void unsupported(RuleTranslation rule) {
    rule.guardUnsupported(
        "left out: expected one such rule in the section, a backend over HTTP, names of header"
            + " fields without '*', and a rule that denies on the same condition and !"
            + SUCCESS
            + "; write a `ForwardAuth` filter");
  }
}
