package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.TermDifference;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Rate;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.translate.RuleState.Tracking;
import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Rules that count requests or connections, and limit them. */
final class LimitRules {
  private static final String PER_ADDRESS = "understudy.client.max-connections-per-address";

  private LimitRules() {}

  /**
   * Limits what a rule denies above a rate.
   *
   * @param rest of the rule's condition
   */
  static void limit(
      RuleTranslation rule, Rate rate, TranslatedCondition rest, String status, String detail) {
    String section = rule.proxy.name();
    List<Tracking> trackings =
        rate.slot() < 0
            ? List.of(
                new Tracking("client-address", "", TranslatedCondition.Constant.TRUE, section, ""))
            : rule.terms.state().tracked(rate.slot());
    if (trackings.isEmpty()) {
      rule.guardUnsupported(
          "no limit is in force, as no earlier rule tracks anything for counter %d; add a RateLimit"
              .formatted(rate.slot()));
    }
    for (int i = 0; i < trackings.size(); i++) {
      Tracking tracking = trackings.get(i);
      String name = rule.context.pools.of(section) + "-" + rule.line.statement().line();
      if (tracking.key().isEmpty()) {
        rule.guardUnsupported("no limit is in force for what '" + tracking.source() + "' tracks");
      } else if (rate.counter().equals("conn_cur") && tracking.key().equals("client-address")) {
        limitConnections(rule, rate.above());
      } else {
        String numbered = i == 0 ? name : name + "-" + (i + 1);
        limit(rule, rate, tracking, rest, numbered, status, detail);
      }
    }
  }

  /** The number for all listeners is the lowest of those of all rules. */
  private static void limitConnections(RuleTranslation rule, long above) {
    rule.setting(PER_ADDRESS, Long.toString(Math.max(1, above)));
    rule.guardApproximated(
        PER_ADDRESS
            + ": further connections from an address are closed, whatever they ask for, on every"
            + " listener; if there are several such lines, the lowest number counts");
  }

  private static void limit(
      RuleTranslation rule,
      Rate rate,
      Tracking tracking,
      TranslatedCondition rest,
      String name,
      String status,
      String detail) {
    String section = rule.proxy.name();
    String from = !rate.table().isEmpty() ? rate.table() : tracking.table();
    StickTable table = rule.context.tables.get(from.isEmpty() ? section : from);
    String counter = rate.counter();
    Duration period = table == null ? null : table.counters().get(counter);
    String counts =
        switch (counter) {
          case "http_req_rate" -> "";
          case "conn_rate", "sess_rate" ->
              "counts requests instead of connections: there are more of them";
          case "http_err_rate", "http_fail_rate" ->
              "counts all requests, not only those with errors: raise its number";
          default -> null;
        };
    String notCounted = "'" + counter + "' is not counted here: this limit is not in force";
    if (table == null || period == null || period.isZero() || !counter.endsWith("_rate")) {
      rule.guardUnsupported(notCounted + "; a RateLimit on requests may do instead");
      return;
    }
    if (counts == null) {
      rule.guardUnsupported(notCounted);
      return;
    }
    TranslatedCondition condition = rest.plain();
    TranslatedCondition when =
        rule.opened(TranslatedCondition.all(tracking.when(), condition)).bound(true);
    if (rule.isNever(when)) {
      return;
    }
    rule.add(
        rule.line.filter(
            "RateLimit",
            when,
            ImportedFilter.arguments(
                "requests", Long.toString(Math.max(1, rate.above())),
                "period", UnitParser.text(period),
                "key", tracking.key(),
                "entries", Long.toString(table.boundedEntries()),
                "status", status,
                "table", name)));
    boolean own = tracking.proxy().equals(section);
    boolean always = condition.bound(true).isAlways();
    String unknown = condition.whyUnknown();
    String how =
        Stream.of(
                detail,
                counts,
                own ? "" : "counts only requests led to this backend",
                unknown.isEmpty() ? "" : "limits more requests than HAProxy does: " + unknown,
                always
                    ? ""
                    : "counts only requests for which the rest of the condition holds; HAProxy"
                        + " counts all tracked ones",
                rule.how(when.notes()))
            .reduce("", RuleConditions::joined);
    rule.translated("http-request deny (rate)", how, true);
  }

  static void track(RuleTranslation rule) {
    String action = rule.line.argument(0);
    String tracked = rule.line.argument(1);
    int slot =
        action.length() > 8 && Character.isDigit(action.charAt(8)) ? action.charAt(8) - '0' : 0;
    TranslatedCondition condition = rule.guard(false).plain();
    String key;
    try {
      key = key(Sample.parse(tracked));
    } catch (SyntaxException e) {
      rule.guardUnsupported("nothing is counted: " + e.text());
      return;
    }
    String table = rule.line.after("table");
    String section = rule.proxy.name();
    Tracking tracking =
        new Tracking(
            key,
            table.isEmpty() ? section : table,
            condition.bare(),
            section,
            rule.line.statement().source());
    if (rule.after.tracks(slot, tracking).isNever()) {
      rule.notNeeded("an earlier rule tracks the same");
      return;
    }
    rule.after = rule.after.track(slot, tracking);
    if (key.isEmpty()) {
      rule.guardUnsupported(
          "'%s' cannot be the key of a limit here; client-address, a header field, a cookie and the host can"
              .formatted(tracked));
      return;
    }
    List<TermDifference> notes =
        Stream.concat(condition.notes().stream(), ForwardedFields.in(key).stream()).toList();
    String how = rule.how(notes);
    if (TermDifference.areWeaker(notes)) {
      rule.guardApproximated("requests without it are not counted: " + how);
    } else if (!condition.whyUnknown().isEmpty()) {
      rule.guardApproximated("tracks more requests than HAProxy does: " + condition.whyUnknown());
    } else {
      rule.row(rule.line.row().replaceFirst(" .*", " track-sc0"), how);
    }
  }

  /** The key of a {@code RateLimit} that is this sample; empty: there is none. */
  private static String key(Sample sample) {
    boolean same =
        sample.converters().stream()
                .allMatch(each -> Set.of("lower", "host_only").contains(each.name()))
            && sample.fetch().argument(1).isEmpty();
    String argument = sample.argument();
    return switch (same ? sample.name() : "") {
      case "src", "fc_src" -> "client-address";
      case "hdr", "req.hdr", "req.fhdr" ->
          argument.equalsIgnoreCase("host") ? "host" : "header:" + argument;
      case "cook", "req.cook" -> "cookie:" + argument;
      default -> "";
    };
  }
}
