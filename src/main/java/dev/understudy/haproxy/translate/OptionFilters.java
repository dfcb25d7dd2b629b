package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Filters that lines become which are no rules: fields of requests, and compression. */
final class OptionFilters {
  private static final Pattern TYPE =
      Pattern.compile("[A-Za-z0-9!#$&^_.+-]+/([A-Za-z0-9!#$&^_.+-]+|\\*)");

  /** Filters that compress, and those of them that do so with responses. */
  private static final List<String> COMPRESSING = List.of("compression", "comp-req", "comp-res");

  private static final List<String> RESPONSES = List.of("compression", "comp-res");

  /**
   * {@code option forwardfor}: the backend's name of the field counts before the frontend's, and
   * the exceptions of both do.
   *
   * @param except networks; empty: none
   */
  private record ForwardedFor(Statement statement, String header, String except, boolean ifNone) {
    static ForwardedFor parse(Statement statement) {
      RuleLine line = RuleLine.of(statement, 2);
      boolean ifNone = line.arguments().contains("if-none");
      return new ForwardedFor(statement, line.after("header"), line.after("except"), ifNone);
    }

    void judge(ImportContext context) {
      if (!except.isEmpty()) {
        String before = context.settings.getOrDefault(RuleTranslation.TRUSTED_PROXIES, "");
        if (!List.of(before.split(",", -1)).contains(except)) {
          context.settings.put(
              RuleTranslation.TRUSTED_PROXIES, before.isEmpty() ? except : before + "," + except);
        }
        context.ledger.approximated(
            statement,
            RuleTranslation.TRUSTED_PROXIES
                + ": the field is kept if these proxies send it, and their own address is added to"
                + " it; HAProxy adds none");
      } else if (ifNone) {
        context.settings.putIfAbsent(RuleTranslation.TRUSTED_PROXIES, "");
        context.ledger.approximated(
            statement,
            "X-Forwarded-For is kept only if it comes from proxies of "
                + RuleTranslation.TRUSTED_PROXIES);
      } else {
        context.ledger.row(statement, "option", "forwardfor");
      }
    }
  }

  private OptionFilters() {}

  /** The filter that sets a field of another name than {@code X-Forwarded-For}. */
  static Optional<ImportedFilter> forwardedFor(ProxySection front, ProxySection back) {
    ImportContext context = front.context;
    List<ForwardedFor> options =
        Stream.of(front, back)
            .distinct()
            .flatMap(each -> each.take("option", "forwardfor").stream())
            .distinct()
            .map(ForwardedFor::parse)
            .toList();
    List<ForwardedFor> named = options.stream().filter(each -> !each.header().isEmpty()).toList();
    String name = named.isEmpty() ? "" : named.getLast().header();
    if (name.isEmpty() || ForwardedFields.areSent(name.toLowerCase(Locale.ROOT))) {
      options.forEach(each -> each.judge(context));
      return Optional.empty();
    }
    List<TranslatedCondition> parts = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    for (ForwardedFor each : options) {
      if (!each.except().isEmpty()) {
        parts.add(TranslatedCondition.not(new Term("client-address(" + each.except() + ")")));
      }
      comments.add(each.statement().source());
      context.ledger.exact(each.statement(), "`SetRequestHeader=" + name + ", {client.address}`");
    }
    if (options.stream().allMatch(ForwardedFor::ifNone)) {
      parts.add(TranslatedCondition.not(Term.of("header", name)));
    }
    return Optional.of(
        setHeader(
                options.getLast().statement(),
                TranslatedCondition.all(parts),
                name,
                "{client.address}")
            .with(comments));
  }

  /**
   * The filter that sends the request's id to servers in the field of {@code unique-id-header};
   * absent for one that is set anyway, or by no format.
   */
  static Optional<ImportedFilter> uniqueId(ProxySection front) {
    VerdictLedger ledger = front.context.ledger;
    Optional<Statement> header = front.take("unique-id-header");
    if (header.isEmpty()) {
      return Optional.empty();
    }
    String name = header.get().word(1);
    if (!front.has("unique-id-format")) {
      ledger.notNeeded(header.get(), "there is no unique-id-format");
      return Optional.empty();
    }
    ledger.row(header.get(), "proxy", "unique-id-header");
    return name.equalsIgnoreCase("X-Request-Id")
        ? Optional.empty()
        : Optional.of(setHeader(header.get(), Constant.TRUE, name, "{request-id}"));
  }

  private static ImportedFilter setHeader(
      Statement from, TranslatedCondition when, String name, String value) {
    return ImportedFilter.of("SetRequestHeader", when, from, "name", name, "value", value);
  }

  /** Whether responses pass a filter that compresses them: without a line about it they do. */
  private static boolean compressesResponses(ProxySection proxy) {
    List<String> named =
        proxy.lines("filter").map(each -> each.word(1)).filter(COMPRESSING::contains).toList();
    List<String> order =
        proxy
            .last("filter-sequence", "response")
            .map(each -> List.of(each.word(2).split(",", -1)))
            .orElse(named);
    return named.isEmpty()
        ? proxy.lines("filter-sequence", "response").findAny().isEmpty()
            || !Collections.disjoint(order, RESPONSES)
        : named.stream().anyMatch(each -> RESPONSES.contains(each) && order.contains(each));
  }

  /** The filter of {@code compression algo} and {@code compression type}. */
  static Optional<ImportedFilter> compression(ProxySection proxy) {
    ImportContext context = proxy.context;
    List<Statement> algorithms = new ArrayList<>();
    Map<String, String> types = new LinkedHashMap<>();
    List<String> comments = new ArrayList<>();
    if (!compressesResponses(proxy)) {
      proxy
          .takeAll("compression")
          .forEach(each -> context.ledger.notNeeded(each, "no filter compresses responses"));
      return Optional.empty();
    }
    for (Statement line : proxy.takeAll("compression")) {
      String kind = line.word(1);
      switch (kind) {
        case "algo", "algo-res" -> {
          comments.add(line.source());
          if (line.from(2).stream().allMatch("identity"::equals)) {
            context.ledger.notNeeded(line, "compresses nothing");
          } else {
            algorithms.add(line);
            context.ledger.row(line, "compression", "algo");
          }
          if (List.of("deflate", "raw-deflate").containsAll(line.from(2))) {
            context.ledger.approximated(line, "HAProxy uses deflate");
          }
        }
        case "type", "type-res" -> {
          comments.add(line.source());
          context.ledger.row(line, "compression", "type");
          for (String text : line.from(2)) {
            // HAProxy compares beginnings, of which "text/" has a form here.
            String type = text.replaceFirst(";.*", "").replaceFirst("^([^/]+)/?$", "$1/*");
            if (TYPE.matcher(type).matches()) {
              types.put("type" + types.size(), type);
            } else {
              context.ledger.unsupported(
                  line, "left out: expected a media type, found '" + text + "'");
            }
          }
        }
        default -> context.ledger.row(line, "compression", kind);
      }
    }
    if (types.isEmpty()) {
      algorithms.forEach(
          each ->
              context.ledger.approximated(
                  each,
                  "only the types that `Compress` has by default; HAProxy compresses all types"));
    }
    return !algorithms.isEmpty()
        ? Optional.of(new ImportedFilter("Compress", types, Constant.TRUE, comments))
        : Optional.empty();
  }
}
