package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Rate;
import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.translate.RuleState.Tracking;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What counts requests or connections, and limits them. */
final class LimitRules {
  private static final String PER_ADDRESS = "understudy.client.max-connections-per-address";

  private final RequestRules rules;
  private final Context context;
  private final Proxy proxy;
  private final FrontTerms terms;
  private final Ledger ledger;

  LimitRules(RequestRules rules) {
    this.rules = rules;
    context = rules.context;
    proxy = rules.proxy;
    terms = rules.terms;
    ledger = rules.ledger;
  }

  void limit(Statement statement, Rate rate, Expression rest, String status, String detail) {
    List<Tracking> trackings =
        rate.slot() < 0
            ? List.of(
                new Tracking("client-address", "", Expression.Constant.TRUE, proxy.name(), ""))
            : terms.state.tracked(rate.slot());
    if (trackings.isEmpty()) {
      ledger.guardUnsupported(
          statement,
          "what counter "
              + rate.slot()
              + " counts is not said by a rule before: no limit"
              + " is in force; add a RateLimit");
      return;
    }
    for (int i = 0; i < trackings.size(); i++) {
      Tracking tracking = trackings.get(i);
      String name = context.pools.of(proxy.name()) + "-" + statement.line();
      if (tracking.key().isEmpty()) {
        ledger.guardUnsupported(
            statement, "no limit is in force for what '" + tracking.source() + "' tracks");
      } else if (rate.counter().equals("conn_cur") && tracking.key().equals("client-address")) {
        connections(statement, rate.above());
      } else {
        limit(
            statement, rate, tracking, rest, i == 0 ? name : name + "-" + (i + 1), status, detail);
      }
    }
  }

  /** The number for all listeners is the lowest of those of all rules. */
  private void connections(Statement statement, long above) {
    String before = context.settings.get(PER_ADDRESS);
    long most = Math.max(1, above);
    context.settings.put(
        PER_ADDRESS, Long.toString(before == null ? most : Math.min(most, Long.parseLong(before))));
    ledger.guardApproximated(
        statement,
        PER_ADDRESS
            + ": a further connection of that address is closed, whatever it asks for, on every"
            + " listener; of several such lines the lowest number counts");
  }

  private void limit(
      Statement statement,
      Rate rate,
      Tracking tracking,
      Expression rest,
      String name,
      String status,
      String detail) {
    String from = !rate.table().isEmpty() ? rate.table() : tracking.table();
    StickTable table = context.tables.get(from.isEmpty() ? proxy.name() : from);
    String counter = rate.counter();
    Duration period = table == null ? null : table.counters().get(counter);
    if (table == null || period == null || period.isZero() || !counter.endsWith("_rate")) {
      ledger.guardUnsupported(
          statement,
          "'"
              + counter
              + "' is not counted here: this limit is not in force; a RateLimit on"
              + " requests may do instead");
      return;
    }
    String counts =
        switch (counter) {
          case "http_req_rate" -> "";
          case "conn_rate", "sess_rate" -> "counts requests, which are more than connections";
          case "http_err_rate", "http_fail_rate" ->
              "counts all requests, not those with errors only: raise its number";
          default -> null;
        };
    if (counts == null) {
      ledger.guardUnsupported(
          statement, "'" + counter + "' is not counted here: this limit is not in force");
      return;
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("requests", Long.toString(Math.max(1, rate.above())));
    arguments.put("period", TimeText.ours(period));
    arguments.put("key", tracking.key());
    arguments.put("entries", Long.toString(table.boundedEntries()));
    arguments.put("status", status);
    arguments.put("table", name);
    String own =
        tracking.proxy().equals(proxy.name()) ? "" : "counts only requests led to this backend";
    add(statement, tracking, rest, Rules.joined(Rules.joined(detail, counts), own), arguments);
  }

  private void add(
      Statement statement,
      Tracking tracking,
      Expression rest,
      String detail,
      Map<String, String> arguments) {
    Expression condition = Rules.plain(rest);
    Expression when = rules.opened(Expression.all(List.of(tracking.when(), condition))).bound(true);
    if (when.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return;
    }
    rules.filters.add(new Filter("RateLimit", arguments, when, List.of(statement.source())));
    String how = detail;
    if (!condition.unknown().isEmpty()) {
      how =
          Rules.joined(how, "limits more than HAProxy: " + String.join("; ", condition.unknown()));
    }
    if (!condition.bound(true).equals(Expression.Constant.TRUE)) {
      how =
          Rules.joined(
              how,
              "counts only requests for which the rest of the condition holds, where HAProxy"
                  + " counts all tracked ones");
    }
    how = Rules.joined(how, rules.how(when.notes()));
    if (how.isEmpty()) {
      ledger.row(statement, RequestRules.PLACE, "deny (rate)");
    } else {
      ledger.guardApproximated(statement, how);
    }
  }

  void track(Statement statement, RuleCondition rule, String place, String action) {
    int slot =
        action.length() > 8 && Character.isDigit(action.charAt(8)) ? action.charAt(8) - '0' : 0;
    Expression condition = Rules.plain(rules.guard(statement, rule));
    String key = "";
    try {
      Sample sample = Sample.parse(rule.argument(1));
      String argument = sample.argument();
      key =
          switch (sample.name()) {
            case "src", "fc_src" -> "client-address";
            case "hdr", "req.hdr", "req.fhdr" ->
                argument.equalsIgnoreCase("host") ? "host" : "header:" + argument;
            case "cook", "req.cook" -> "cookie:" + argument;
            default -> "";
          };
      boolean same =
          sample.converters().stream()
              .allMatch(each -> Set.of("lower", "host_only").contains(each.name()));
      key = same && sample.fetch().argument(1).isEmpty() ? key : "";
    } catch (SyntaxException e) {
      ledger.guardUnsupported(statement, "nothing is counted: " + e.text());
      return;
    }
    String table = rule.after("table").isEmpty() ? proxy.name() : rule.after("table");
    boolean applies =
        terms.state.track(
            slot, new Tracking(key, table, condition.bare(), proxy.name(), statement.source()));
    if (!applies) {
      ledger.notNeeded(statement, "a rule before tracks what it would track");
      return;
    }
    if (key.isEmpty()) {
      ledger.guardUnsupported(
          statement,
          "'"
              + rule.argument(1)
              + "' is no key of a limit here: client-address, a header"
              + " field, a cookie and the host are");
      return;
    }
    List<Note> notes =
        Stream.concat(condition.notes().stream(), ForwardedFields.in(key).stream()).toList();
    String how = rules.how(notes);
    if (Note.areWeaker(notes)) {
      ledger.guardApproximated(statement, "nothing is counted without it: " + how);
    } else if (!condition.unknown().isEmpty()) {
      ledger.guardApproximated(
          statement, "tracks more than HAProxy: " + String.join("; ", condition.unknown()));
    } else {
      ledger.row(statement, place, "track-sc0", how);
    }
  }
}
