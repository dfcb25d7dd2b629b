package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Call;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.MapEntry;
import dev.understudy.haproxy.acl.MapLookup;
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
  static List<Choice> of(Rules rules, String text) {
    Context context = rules.context;
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
    String matcher = MapLookup.matcher(map.name());
    if (matcher == null) {
      throw new SyntaxException(0, "'" + map.name() + "' has no term here");
    }
    Sample key = new Sample(sample.fetch(), converters.subList(0, converters.size() - 1), text);
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
      boolean known = context.backends.containsKey(entry.value());
      if (!known) {
        unknown.add(entry.value());
      }
      if (known || !matcher.equals("str")) {
        Expression when = BackendNames.test(rules, key, matcher, entry.key());
        choices.add(new Choice(when.noted(notes), known ? entry.value() : ""));
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
}
