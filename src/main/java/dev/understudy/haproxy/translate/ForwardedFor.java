package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code option forwardfor}: the backend's name of the field counts before the frontend's, and the
 * exceptions of both do.
 *
 * @param except networks; empty: none
 */
record ForwardedFor(Statement statement, String header, String except, boolean ifNone) {
  private static final String SETTING = "understudy.trusted-proxies";

  /** The filter that sets a field of another name than {@code X-Forwarded-For}. */
  static Optional<Filter> of(ImportContext context, ProxySection front, ProxySection back) {
    List<ForwardedFor> options =
        Stream.of(front, back)
            .distinct()
            .flatMap(each -> each.take("option", "forwardfor").stream())
            .map(ForwardedFor::parse)
            .toList();
    List<ForwardedFor> named = options.stream().filter(each -> !each.header().isEmpty()).toList();
    String name = named.isEmpty() ? "" : named.getLast().header();
    if (name.isEmpty() || ForwardedFields.areSent(name.toLowerCase(Locale.ROOT))) {
      options.forEach(each -> each.judge(context));
      return Optional.empty();
    }
    List<Expression> parts = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    for (ForwardedFor each : options) {
      if (!each.except().isEmpty()) {
        parts.add(Expression.not(new Expression.Term("client-address(" + each.except() + ")")));
      }
      comments.add(each.statement().source());
      context.ledger.exact(each.statement(), "`SetRequestHeader=" + name + ", {client.address}`");
    }
    if (options.stream().allMatch(ForwardedFor::ifNone)) {
      parts.add(Expression.not(new Expression.Term("header(" + ValueText.of(name) + ")")));
    }
    return Optional.of(
        Filter.of(
                "SetRequestHeader",
                Expression.all(parts),
                options.getLast().statement(),
                "name",
                name,
                "value",
                "{client.address}")
            .with(comments));
  }

  private static ForwardedFor parse(Statement statement) {
    RuleLine line = RuleLine.of(statement, 2);
    boolean ifNone = line.arguments().contains("if-none");
    return new ForwardedFor(statement, line.after("header"), line.after("except"), ifNone);
  }

  private void judge(ImportContext context) {
    if (!except.isEmpty()) {
      String before = context.settings.getOrDefault(SETTING, "");
      if (!List.of(before.split(",", -1)).contains(except)) {
        context.settings.put(SETTING, before.isEmpty() ? except : before + "," + except);
      }
      context.ledger.approximated(
          statement,
          SETTING
              + ": what these proxies send is kept, and their own address comes after it; HAProxy"
              + " adds none");
    } else if (ifNone) {
      context.settings.putIfAbsent(SETTING, "");
      context.ledger.approximated(
          statement, "clients' own X-Forwarded-For is kept only from proxies of " + SETTING);
    } else {
      context.ledger.row(statement, "option", "forwardfor");
    }
  }
}
