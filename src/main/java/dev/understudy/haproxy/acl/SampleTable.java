package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.acl.Sample.Call;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import dev.understudy.haproxy.syntax.ResourceRows;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The table of HAProxy's sample fetches, predefined ACLs and counters; the resource {@code
 * samples.txt} explains its columns and kinds.
 */
final class SampleTable {
  /**
   * A row.
   *
   * @param name the current one of several
   * @param kind how a comparison of the sample becomes a condition
   * @param term of Understudy's; of {@code unknown} the reason, of {@code is} the comparison
   * @param isNamed whether the term has the fetch's argument, a name, first
   * @param value in braces, or a constant; empty: none
   * @param presence the term that holds where there is a value; empty: always
   * @param isSingle whether it has one value at most, so that all comparisons mean the same
   */
  record Row(
      String name,
      String kind,
      String term,
      boolean isNamed,
      String value,
      String presence,
      boolean isSingle) {
    boolean is(String other) {
      return kind.equals(other);
    }

    /** Whether conditions decide on the value, of two at most. */
    boolean isDecided() {
      return !value.isEmpty() && !value.startsWith("{") && !is("constant");
    }

    /** The value of a fetch with that argument. */
    String value(String argument) {
      return value.replace("*", name(argument));
    }

    /** Holds where there is a value. */
    TranslatedCondition isPresent(String argument) {
      return presence.isEmpty()
          ? TranslatedCondition.Constant.TRUE
          : new Term(presence.replace("*", Term.quoted(name(argument))));
    }

    /** Understudy's name of what the argument names. */
    private String name(String argument) {
      return is("variable")
          ? Sample.variableName(argument)
          : value.startsWith("{tls.") ? argument.toUpperCase(Locale.ROOT) : argument;
    }
  }

  private static final String NO_TERM = "no term reads it";

  private static final Map<String, Row> ROWS = new HashMap<>();

  static {
    ResourceRows.of(SampleTable.class, "samples.txt", 4).forEach(SampleTable::add);
  }

  private SampleTable() {}

  /** Whether there is a row of that name, whatever its argument. */
  static boolean has(String name) {
    return ROWS.containsKey(name);
  }

  /** The row of a name; of an unknown one a row without a term and a value. */
  static Row of(String name) {
    return of(new Call(name, List.of()));
  }

  /** The row of a fetch with its argument. */
  static Row of(Call fetch) {
    String name = fetch.name();
    String argument = fetch.argument(0).toLowerCase(Locale.ROOT);
    return Stream.of(name + "(" + argument + ")", argument.isEmpty() ? "" : name + "(*)", name)
        .map(ROWS::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElseGet(() -> new Row(name, "unknown", NO_TERM, false, "", "", false));
  }

  /** A first name such as {@code acl TRUE} puts the others of its cell behind {@code acl}, too. */
  private static void add(List<String> cells) {
    List<String> names = List.of(cells.get(0).split(", *"));
    String group = names.getFirst().substring(0, names.getFirst().indexOf(' ') + 1);
    String[] condition = cells.get(1).split(" ", 2);
    String term = condition.length > 1 ? condition[1] : NO_TERM;
    String[] value = (" " + cells.get(2)).split(" if ", 2);
    Row row =
        new Row(
            names.getFirst().replaceFirst("\\(.*", ""),
            condition[0].isEmpty() ? "unknown" : condition[0],
            term.replace("(*)", ""),
            term.endsWith("(*)"),
            value[0].strip(),
            value.length > 1 ? value[1] : "",
            cells.get(3).equals("single"));
    for (String name : names) {
      if (ROWS.put(group + name.substring(name.indexOf(' ') + 1), row) != null) {
        throw new IllegalStateException("a second row for " + name);
      }
    }
  }
}
