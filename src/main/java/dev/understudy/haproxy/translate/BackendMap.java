package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Call;
import dev.understudy.haproxy.acl.Expression;
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

  /** A backend under a condition. */
  record Choice(Expression when, String backend) {}

  private BackendMap() {}

  /**
   * The choices, the first that applies counts: in the file's order, for {@code map_beg} the
   * longest first as in HAProxy; the default last.
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
    String term = term(sample, map.name());
    Optional<String> file = context.files.apply(map.argument(0));
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
    List<String> lines = new ArrayList<>(file.get().lines().map(String::strip).toList());
    if (map.name().equals("map_beg")) {
      lines.sort(Comparator.comparingInt(BackendMap::keyLength).reversed());
    }
    for (String line : lines) {
      String[] parts = line.split("\\s+", 2);
      if (line.isEmpty() || line.startsWith("#") || parts.length < 2) {
        continue;
      }
      if (context.backends.containsKey(parts[1].strip())) {
        choices.add(
            new Choice(
                new Expression.Term(term + "(" + ValueText.of(parts[0]) + ")"), parts[1].strip()));
      } else {
        unknown.add(parts[1].strip());
      }
    }
    if (!unknown.isEmpty()) {
      context.remark(
          "The map '"
              + map.argument(0)
              + "' names backends that there are not: "
              + String.join(", ", unknown.stream().limit(SHOWN).toList())
              + (unknown.size() > SHOWN ? ", and others" : "")
              + ". Requests are led as if its lines with them were not there.");
    }
    if (choices.size() > MOST) {
      throw new SyntaxException(0, "expected a map of at most " + MOST + " lines");
    }
    if (!map.argument(1).isEmpty()) {
      choices.add(new Choice(Expression.Constant.TRUE, map.argument(1)));
    }
    return choices;
  }

  private static int keyLength(String line) {
    return line.split("\\s+", 2)[0].length();
  }

  private static String term(Sample sample, String map) {
    boolean host =
        sample.name().endsWith("hdr") && sample.fetch().argument(0).equalsIgnoreCase("host");
    boolean plain =
        sample.converters().stream()
            .limit(sample.converters().size() - 1L)
            .allMatch(each -> List.of("lower", "host_only").contains(each.name()));
    String subject = host ? "host" : sample.name().equals("path") ? "path" : "";
    if (!plain || subject.isEmpty()) {
      throw new SyntaxException(0, "maps are keyed by the host or the path here");
    }
    return switch (map) {
      case "map", "map_str" -> subject;
      case "map_beg" -> subject + "-prefix";
      case "map_end" -> subject + "-suffix";
      case "map_sub" -> subject + "-contains";
      case "map_reg" -> subject + "-matches";
      case "map_dir" -> {
        if (subject.equals("path")) {
          yield "path-directory";
        }
        throw new SyntaxException(0, "'map_dir' is for paths");
      }
      default -> throw new SyntaxException(0, "'" + map + "' has no term here");
    };
  }
}
