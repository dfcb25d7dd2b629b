package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Call;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.MapEntry;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A backend's name looked up in a file, as {@code
 * %[req.hdr(host),lower,map(/etc/haproxy/hosts.map,web)]}: one choice for each line of the file.
 */
final class BackendMap {
  private static final int MOST = 5_000;

  /** Maps whose keys are whole: no other key applies to what one does. */
  private static final Set<String> EXACT = Set.of("map", "map_str");

  /** Most names of unknown backends in a remark. */
  private static final int SHOWN = 5;

  /**
   * A backend under a condition.
   *
   * @param backend empty: a name that no backend has
   */
  record Choice(Expression when, String backend) {
    boolean isKnown() {
      return !backend.isEmpty();
    }
  }

  private BackendMap() {}

  /**
   * The choices, the first that applies counts: in the file's order, for {@code map_beg} the
   * longest first as in HAProxy; the map's own default last. If none applies, the section's default
   * backend serves, whatever lines follow.
   *
   * @throws SyntaxException if the lookup has no words here; the message says why
   */
  static List<Choice> of(Context context, String text) {
    if (!text.startsWith("%[") || !text.endsWith("]")) {
      throw new SyntaxException(
          0, "backends are chosen by name or by a map, not by '" + text + "'");
    }
    Sample sample = Sample.parse(text.substring(2, text.length() - 1));
    List<Call> converters = sample.converters();
    Call map = converters.isEmpty() ? null : converters.getLast();
    if (map == null || !map.name().startsWith("map")) {
      throw new SyntaxException(0, "write a use_backend with a condition for each backend");
    }
    Lookup lookup = lookup(sample, map.name());
    List<Note> notes = BackendNames.ofValues(sample);
    Optional<List<MapEntry>> file = context.files.apply(map.argument(0)).map(MapEntry::read);
    if (file.isEmpty()) {
      throw new SyntaxException(
          0,
          "'"
              + map.argument(0)
              + "' cannot be read here; import where it can, or write a"
              + " use_backend for each of its lines");
    }
    List<Choice> choices = new ArrayList<>();
    Set<String> unknown = new LinkedHashSet<>();
    List<MapEntry> entries = new ArrayList<>(file.get());
    if (map.name().equals("map_beg")) {
      entries.sort(Comparator.comparingInt((MapEntry entry) -> entry.key().length()).reversed());
    }
    for (MapEntry entry : entries) {
      if (context.backends.containsKey(entry.value())) {
        choices.add(new Choice(lookup.term(entry.key()).noted(notes), entry.value()));
      } else {
        unknown.add(entry.value());
        if (!EXACT.contains(map.name())) {
          choices.add(new Choice(lookup.term(entry.key()).noted(notes), ""));
        }
      }
    }
    String otherwise = map.argument(1);
    if (context.backends.containsKey(otherwise)) {
      choices.add(new Choice(Expression.Constant.TRUE, otherwise));
    } else if (!otherwise.isEmpty()) {
      unknown.add(otherwise);
    }
    if (!unknown.isEmpty()) {
      context.remark(
          "The map '"
              + map.argument(0)
              + "' names backends that there are not: "
              + String.join(", ", unknown.stream().limit(SHOWN).toList())
              + (unknown.size() > SHOWN ? ", and others" : "")
              + ". The default backend serves in their place.");
    }
    if (choices.size() > MOST) {
      throw new SyntaxException(0, "expected a map of at most " + MOST + " lines");
    }
    return choices;
  }

  /**
   * How keys are looked up.
   *
   * @param term our term
   * @param first what it begins with; empty: nothing
   */
  private record Lookup(String term, String first, boolean domain) {
    Expression term(String key) {
      String value =
          domain ? "(^|.*[.:])" + key.replaceAll("([^A-Za-z0-9_-])", "\\\\$1") + "([.:].*|$)" : key;
      return new Expression.Term(term + "(" + first + ValueText.of(value) + ")");
    }
  }

  private static Lookup lookup(Sample sample, String map) {
    String subject = subject(sample);
    boolean host = subject.equals("host");
    String argument = sample.fetch().argument(0);
    String first = Set.of("host", "path").contains(subject) ? "" : ValueText.of(argument) + ", ";
    boolean plain =
        sample.converters().stream()
            .limit(sample.converters().size() - 1L)
            .allMatch(each -> List.of("lower", "host_only").contains(each.name()));
    boolean lower =
        sample.converters().stream().anyMatch(each -> each.name().equals("lower")) && !host;
    if (!plain || subject.isEmpty() || !sample.fetch().argument(1).isEmpty()) {
      throw new SyntaxException(
          0, "maps are keyed by the host, the path, a header, a cookie or a parameter here");
    }
    if ((map.equals("map_dir") && !subject.equals("path")) || (map.equals("map_dom") && !host)) {
      throw new SyntaxException(0, "'" + map + "' is for paths or hosts");
    }
    String ending =
        switch (map) {
          case "map", "map_str" -> "";
          case "map_beg" -> "-prefix";
          case "map_end" -> "-suffix";
          case "map_sub" -> "-contains";
          case "map_reg", "map_dom" -> "-matches";
          case "map_dir" -> "-directory";
          default -> throw new SyntaxException(0, "'" + map + "' has no term here");
        };
    return new Lookup(subject + ending, (lower ? "i: " : "") + first, map.equals("map_dom"));
  }

  private static String subject(Sample sample) {
    String argument = sample.fetch().argument(0);
    return switch (sample.name()) {
      case "hdr", "req.hdr" ->
          argument.equalsIgnoreCase("host") ? "host" : argument.isEmpty() ? "" : "header";
      case "path" -> "path";
      case "cook", "req.cook" -> argument.isEmpty() ? "" : "cookie";
      case "url_param", "urlp" -> argument.isEmpty() ? "" : "query";
      default -> "";
    };
  }
}
