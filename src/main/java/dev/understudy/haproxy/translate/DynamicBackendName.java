package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclComparison;
import dev.understudy.haproxy.acl.Acls;
import dev.understudy.haproxy.acl.MapLookup;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.Sample.Call;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.acl.TermDifference;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A backend's name with one value in it, as {@code be_%[req.hdr(host),lower]}, or with what a file
 * has for a value, as {@code %[req.hdr(host),lower,map(/etc/haproxy/hosts.map,web)]}: one choice
 * for each backend whose name it may be, or for each line of the file. With any other name the
 * default backend serves, whatever lines follow.
 *
 * @param lookup the last converter, if it is a map
 */
record DynamicBackendName(
    ImportContext context, String begin, Sample sample, Optional<Call> lookup, String end) {
  private static final Pattern NAME =
      Pattern.compile("(?<begin>[^%]*)%\\[(?<sample>[^%]+)](?<end>[^%\\[\\]]*)");

  private static final int MOST = 5_000;

  /** Most names of unknown backends in a remark. */
  private static final int SHOWN = 5;

  /**
   * A backend under a condition.
   *
   * @param backend empty: a name that no backend has, so that the default one serves
   */
  record Choice(TranslatedCondition when, String backend) {}

  /**
   * A value, and the name that it makes.
   *
   * @param values those that the matcher asks for; none: any
   */
  private record Candidate(String matcher, List<String> values, String backend) {
    boolean isDefault() {
      return values.isEmpty();
    }
  }

  /**
   * Reads a name.
   *
   * @throws SyntaxException if it is none; the message says why
   */
  static DynamicBackendName of(ImportContext context, String text) {
    Matcher name = NAME.matcher(text);
    if (!name.matches()) {
      throw new SyntaxException("backends are chosen by name or by a map, not by '" + text + "'");
    }
    Sample sample = Sample.parse(name.group("sample"));
    List<Call> calls = sample.converters();
    boolean isMap = !calls.isEmpty() && calls.getLast().name().startsWith("map");
    return new DynamicBackendName(
        context,
        name.group("begin"),
        isMap
            ? new Sample(sample.fetch(), calls.subList(0, calls.size() - 1), sample.source())
            : sample,
        isMap ? Optional.of(calls.getLast()) : Optional.empty(),
        name.group("end"));
  }

  /** What it becomes, for reports. */
  String expanded() {
    return lookup.isPresent()
        ? "from the map as it is now: make later changes in this file"
        : "one for each backend that it may name: add one for each backend that is added";
  }

  private List<Candidate> candidates() {
    if (lookup.isPresent()) {
      return lines(lookup.get());
    }
    return context.backends.keySet().stream()
        .filter(each -> each.startsWith(begin) && each.endsWith(end))
        .filter(each -> each.length() > begin.length() + end.length())
        .map(
            each -> {
              String value = each.substring(begin.length(), each.length() - end.length());
              return new Candidate("str", List.of(value), each);
            })
        .toList();
  }

  /**
   * The lines of a map in its order, for {@code map_beg} the longest first as in HAProxy; the map's
   * own default last.
   */
  private List<Candidate> lines(Call map) {
    String matcher = MapLookup.matcher(map.name());
    if (matcher == null) {
      throw new SyntaxException("'" + map.name() + "' has no term here");
    }
    Optional<List<MapLookup.Entry>> file =
        context.files.apply(map.argument(0)).map(MapLookup::read);
    if (file.isEmpty()) {
      throw new SyntaxException(
          "'%s' cannot be read here; import where it can, or write a use_backend for each of its lines"
              .formatted(map.argument(0)));
    }
    List<MapLookup.Entry> entries = new ArrayList<>(file.get());
    if (matcher.equals("beg")) {
      entries.sort(
          Comparator.comparingInt((MapLookup.Entry entry) -> entry.key().length()).reversed());
    }
    List<Candidate> lines = new ArrayList<>();
    entries.forEach(
        each -> lines.add(new Candidate(matcher, List.of(each.key()), begin + each.value() + end)));
    if (!map.argument(1).isEmpty()) {
      lines.add(new Candidate("found", List.of(), begin + map.argument(1) + end));
    }
    return lines;
  }

  /**
   * The choices of requests, the first that applies counts.
   *
   * @throws SyntaxException if the value cannot be translated; the message says why
   */
  List<Choice> ofRequests(RuleConditions rules) {
    if (lookup.isPresent() && !(begin + end).isEmpty()) {
      throw new SyntaxException("backends are chosen by name or by a map, not by both");
    }
    // Conditions look at all values of a field.
    boolean field = Set.of("hdr", "req.hdr").contains(sample.name()) && !sample.isHost();
    List<TermDifference> notes =
        field
            ? List.of(
                TermDifference.either(
                    "if there are several values, any of them counts; in HAProxy only the last"))
            : List.of();
    List<Choice> choices = new ArrayList<>();
    Set<String> unknown = new LinkedHashSet<>();
    for (Candidate each : candidates()) {
      boolean known = context.backends.containsKey(each.backend());
      if (!known) {
        unknown.add(each.backend());
      }
      if (each.isDefault() && known) {
        choices.add(new Choice(TranslatedCondition.Constant.TRUE, each.backend()));
      } else if (!each.isDefault() && mayBe(each) && (known || !each.matcher().equals("str"))) {
        String backend = known ? each.backend() : "";
        choices.add(new Choice(test(rules, each).noted(notes), backend));
      }
    }
    if (!unknown.isEmpty()) {
      context.remarks.add(
          "The map '"
              + lookup.map(each -> each.argument(0)).orElse("")
              + "' names backends that do not exist: "
              + String.join(", ", unknown.stream().limit(SHOWN).toList())
              + (unknown.size() > SHOWN ? ", and others" : "")
              + ". The default backend serves in their place.");
    }
    if (choices.size() > MOST) {
      throw new SyntaxException("expected a map of at most " + MOST + " lines");
    }
    return choices;
  }

  /** Whether converters leave letters of a backend's name as they are; maps have any keys. */
  private boolean mayBe(Candidate candidate) {
    String value = candidate.values().getFirst();
    return lookup.isPresent()
        || sample.converters().stream()
            .allMatch(
                each ->
                    switch (each.name()) {
                      case "lower" -> value.equals(value.toLowerCase(Locale.ROOT));
                      case "upper" -> value.equals(value.toUpperCase(Locale.ROOT));
                      default -> true;
                    });
  }

  private TranslatedCondition test(RuleConditions rules, Candidate candidate) {
    TranslatedCondition asked =
        Acls.test(sample, candidate.matcher(), candidate.values().getFirst(), rules.terms);
    TranslatedCondition test = rules.noted(rules.withVariables(asked)).plain();
    if (!test.whyUnknown().isEmpty()) {
      throw new SyntaxException(test.whyUnknown());
    }
    return test;
  }

  /**
   * The choices of TCP connections by the server name of TLS, the first that applies counts.
   *
   * @throws SyntaxException if it is another value; the message says why
   */
  List<Choice> ofServerNames() {
    Sample name = sample.canonical();
    if (!TcpClient.isOfNames(new AclComparison(name, "found", false, List.of(), List.of()))) {
      throw new SyntaxException("write a use_backend by server names for each backend");
    }
    List<Choice> choices = new ArrayList<>();
    for (Candidate each : candidates()) {
      ProxySection proxy = context.backends.get(each.backend());
      AclComparison test = new AclComparison(name, each.matcher(), false, each.values(), List.of());
      String backend = proxy == null || !proxy.isTcp() ? "" : each.backend();
      choices.add(new Choice(new TranslatedCondition.Compared(test), backend));
    }
    if (choices.isEmpty()) {
      throw new SyntaxException(
          "no backend has a name such as '" + begin + "%[" + sample.source() + "]" + end + "'");
    }
    return choices;
  }
}
