package dev.understudy.proxy.filter;

import dev.understudy.condition.PathForms;
import dev.understudy.proxy.http.NormalTarget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request with its path in one of the {@link PathForms}, as steps have changed it so far. A guard
 * decides by what steps have made of any form: a variable that is set for {@code /admin} is set for
 * {@code //admin} too, and one that is set for {@code /public} is not for {@code /public/../admin}.
 */
public final class RequestForm {
  /** What a form takes beside the characters of its target and variables, in bytes. */
  private static final int FORM = 512;

  final HeaderFields fields;
  String target;
  String path;
  private @Nullable Map<String, String> variables;
  private List<String> paths = List.of();

  /** The target whose other paths these are; null before they were asked for. */
  private @Nullable String pathsOf;

  /** The names of variables whose values have a slash of what a client calls by a name. */
  private Set<String> slashed = Set.of();

  /** The names of fields that were set to a value which the request does not have. */
  private @Nullable Set<String> emptied;

  RequestForm(HeaderFields fields, String target, String path) {
    this.fields = fields;
    this.target = target;
    this.path = path;
  }

  /** The same request in the forms that differ from this one; usually none. */
  List<RequestForm> others() {
    List<String> paths = otherPaths();
    if (paths.isEmpty() || PathForms.areTooMany(paths)) {
      return List.of();
    }
    String query = query(target);
    List<RequestForm> others = new ArrayList<>(paths.size() + 1);
    if (!withoutQuery(target).equals(path)) {
      others.add(other(path + query, path));
    }
    for (String each : paths) {
      others.add(other(query.isEmpty() ? each : each + query, each));
    }
    return others;
  }

  private RequestForm other(String itsTarget, String itsPath) {
    RequestForm other = new RequestForm(new OwnFields(fields), itsTarget, itsPath);
    other.variables = variables == null ? null : new HashMap<>(variables);
    other.slashed = slashed;
    other.emptied = emptied == null ? null : new HashSet<>(emptied);
    return other;
  }

  /** What this form takes beside what all share, in bytes. */
  long costBytes() {
    long characters = (long) target.length() + path.length();
    if (variables != null) {
      for (String value : variables.values()) {
        characters += value.length();
      }
    }
    return FORM + characters;
  }

  /** The other forms of the path, as it is now. */
  List<String> otherPaths() {
    if (!target.equals(pathsOf)) {
      paths = PathForms.others(withoutQuery(target), path);
      pathsOf = target;
    }
    return paths;
  }

  /**
   * Whether a step has made something else of this form than of the request. What another's filter
   * makes of it then is not known.
   */
  boolean hasPartedFrom(RequestForm request) {
    return !query(target).equals(query(request.target))
        || !(path.equals(request.path)
            || request.otherPaths().stream()
                .anyMatch(each -> path.equals(each) || path.equals(normal(each))));
  }

  /** They are asked for no more. */
  void forgetPaths() {
    paths = List.of();
    pathsOf = target;
  }

  /** Changes the path, unless it gets a dot segment; returns false if it does. */
  boolean rewrite(String next) {
    if (isStray(path, next)) {
      return false;
    }
    rewritten(next);
    return true;
  }

  /** Whether a path that was rewritten has a dot segment, as it is or decoded. */
  public static boolean isStray(String before, String after) {
    return !after.equals(before) && PathForms.hasDotSegment(after);
  }

  /** Changes the path, if it is another one. */
  void rewritten(String next) {
    if (!next.equals(path)) {
      moveTo(next);
    }
  }

  /** Changes the path and keeps the query. */
  void moveTo(String next) {
    String from = next.startsWith("/") ? next : "/" + next;
    int question = target.indexOf('?');
    target = question < 0 ? from : from + target.substring(question);
    path = normal(from);
  }

  /** The normal form of a target whose path may be decoded. */
  static String normal(String target) {
    return NormalTarget.of(PathForms.encoded(withoutQuery(target)) + query(target));
  }

  /** Changes the query; an empty one is removed. */
  void setQuery(String query) {
    replaceQuery(query.isEmpty() ? "" : "?" + query);
  }

  /**
   * @param query with its {@code ?}; empty for none
   */
  void replaceQuery(String query) {
    target = withoutQuery(target) + query;
  }

  /** The query with its {@code ?}; empty for none. */
  static String query(String target) {
    return target.substring(withoutQuery(target).length());
  }

  static String withoutQuery(String target) {
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  void set(String variable, String value, boolean clientSlash) {
    if (clientSlash != slashed.contains(variable)) {
      Set<String> changed = new HashSet<>(slashed);
      var unused = clientSlash ? changed.add(variable) : changed.remove(variable);
      slashed = changed;
    }
    variables = variables == null ? new HashMap<>() : variables;
    variables.put(variable, value);
  }

  @Nullable String variable(String name) {
    return variables == null ? null : variables.get(name);
  }

  boolean hasClientSlash(String variable) {
    return slashed.contains(variable);
  }

  /** Takes note that a field gets an absent value: it goes to the server, but is none here. */
  void emptied(String name) {
    emptied = emptied == null ? new HashSet<>() : emptied;
    emptied.add(name.toLowerCase(Locale.ROOT));
  }

  /** The values of a field as conditions and values see them. */
  List<String> headers(String name) {
    List<String> values = fields.all(name);
    return emptied != null
            && emptied.contains(name.toLowerCase(Locale.ROOT))
            && values.stream().allMatch(String::isEmpty)
        ? List.of()
        : values;
  }

  /** Copies the field that the step may change, so that it stays here as it was. */
  void keepChanged(Step step) {
    String name = step.changedField();
    if (name != null && fields instanceof OwnFields own) {
      own.keep(name);
    }
  }

  /** The fields of the first form, but for those that steps change. */
  private static final class OwnFields implements HeaderFields {
    private final HeaderFields first;
    private final Map<String, List<String>> own = new HashMap<>();

    OwnFields(HeaderFields first) {
      this.first = first;
    }

    void keep(String name) {
      own.computeIfAbsent(key(name), unused -> List.copyOf(first.all(name)));
    }

    private static String key(String name) {
      return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public List<String> all(String name) {
      List<String> kept = own.get(key(name));
      return kept == null ? first.all(name) : kept;
    }

    @Override
    public void add(String name, String value) {
      List<String> values = new ArrayList<>(all(name));
      values.add(value);
      set(name, values);
    }

    @Override
    public void set(String name, List<String> values) {
      own.put(key(name), List.copyOf(values));
    }

    @Override
    public void remove(String name) {
      set(name, List.of());
    }
  }
}
