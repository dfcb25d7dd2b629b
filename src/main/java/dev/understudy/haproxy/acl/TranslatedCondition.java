package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.syntax.SourceSecrets;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A translated condition: terms of Understudy's language, and as further leaves the comparisons
 * that it cannot express.
 */
public sealed interface TranslatedCondition {
  /** Holds always, or never. */
  record Constant(boolean value) implements TranslatedCondition {
    /** Always holds. */
    public static final Constant TRUE = new Constant(true);

    /** Never holds. */
    public static final Constant FALSE = new Constant(false);

    static Constant of(boolean value) {
      return value ? TRUE : FALSE;
    }
  }

  /**
   * A term of Understudy's language.
   *
   * @param notes how it differs from HAProxy's
   */
  record Term(String text, List<TermDifference> notes) implements TranslatedCondition {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._~/*%@$+?&=;!:-]+");

    public Term {
      notes = List.copyOf(notes);
    }

    public Term(String text) {
      this(text, List.of());
    }

    /** A term with these arguments. */
    public static Term of(String name, String... arguments) {
      String all = Stream.of(arguments).map(Term::quoted).collect(Collectors.joining(", "));
      return new Term(name + "(" + all + ")");
    }

    /** An argument, in quotes if it holds a character that means something in the language. */
    static String quoted(String argument) {
      return PLAIN.matcher(argument).matches() && !argument.startsWith("i:")
          ? argument
          : '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    @Override
    public Term noted(List<TermDifference> more) {
      return new Term(text, Stream.concat(notes.stream(), more.stream()).distinct().toList());
    }
  }

  /** A comparison of HAProxy's that is not translated. */
  record Compared(AclComparison test) implements TranslatedCondition {}

  /** What no term expresses, and why. */
  record Unknown(String why) implements TranslatedCondition {
    public Unknown {
      why = SourceSecrets.withoutKeys(why);
    }

    /**
     * @param source HAProxy's sample or ACL
     */
    static Unknown of(String source, String why) {
      return new Unknown("'" + source + "' has no counterpart among the conditions: " + why);
    }
  }

  /**
   * A client has authenticated.
   *
   * @param groups empty: any
   */
  record Authenticated(String userlist, List<String> groups) implements TranslatedCondition {}

  /**
   * A rate or a number of the client is above a bound.
   *
   * @param counter as {@code http_req_rate}
   * @param table empty: the one of the tracking rule
   * @param slot of the tracking rule; -1: {@code src_…}
   * @param above the bound that is exceeded
   */
  record Rate(String counter, String table, int slot, long above) implements TranslatedCondition {}

  /** The opposite. */
  record Not(TranslatedCondition of) implements TranslatedCondition {}

  /** All hold. */
  record All(List<TranslatedCondition> parts) implements TranslatedCondition {
    public All {
      parts = List.copyOf(parts);
    }
  }

  /** At least one holds. */
  record Any(List<TranslatedCondition> parts) implements TranslatedCondition {
    public Any {
      parts = List.copyOf(parts);
    }
  }

  /** The conjunction, simplified. */
  static TranslatedCondition all(TranslatedCondition... parts) {
    return all(List.of(parts));
  }

  /** The conjunction, simplified. */
  static TranslatedCondition all(List<TranslatedCondition> parts) {
    List<TranslatedCondition> kept =
        kept(parts, Constant.FALSE, part -> part instanceof All all ? all.parts() : List.of(part));
    return kept.isEmpty() ? Constant.TRUE : kept.size() == 1 ? kept.getFirst() : new All(kept);
  }

  /** The disjunction, simplified. */
  static TranslatedCondition any(TranslatedCondition... parts) {
    return any(List.of(parts));
  }

  /** The disjunction, simplified. */
  static TranslatedCondition any(List<TranslatedCondition> parts) {
    List<TranslatedCondition> kept =
        kept(parts, Constant.TRUE, part -> part instanceof Any any ? any.parts() : List.of(part));
    return kept.isEmpty() ? Constant.FALSE : kept.size() == 1 ? kept.getFirst() : new Any(kept);
  }

  /** The parts that matter, once each; the constant that decides alone, if it is among them. */
  private static List<TranslatedCondition> kept(
      List<TranslatedCondition> parts,
      Constant decides,
      Function<TranslatedCondition, List<TranslatedCondition>> inner) {
    return parts.contains(decides)
        ? List.of(decides)
        : parts.stream()
            .filter(part -> !(part instanceof Constant))
            .flatMap(part -> inner.apply(part).stream())
            .distinct()
            .toList();
  }

  /** The opposite, simplified. */
  static TranslatedCondition not(TranslatedCondition of) {
    return switch (of) {
      case Constant constant -> Constant.of(!constant.value());
      case Not not -> not.of();
      case TranslatedCondition other -> new Not(other);
    };
  }

  /** Replaces leaves: those under an odd number of negations with {@code negative}. */
  default TranslatedCondition map(
      Function<TranslatedCondition, TranslatedCondition> positive,
      Function<TranslatedCondition, TranslatedCondition> negative) {
    return switch (this) {
      case Not not -> not(not.of().map(negative, positive));
      case All all -> all(all.parts().stream().map(p -> p.map(positive, negative)).toList());
      case Any any -> any(any.parts().stream().map(p -> p.map(positive, negative)).toList());
      case TranslatedCondition leaf -> positive.apply(leaf);
    };
  }

  /** Replaces leaves. */
  default TranslatedCondition each(Function<TranslatedCondition, TranslatedCondition> leaf) {
    return map(leaf, leaf);
  }

  /** The same for a filter, whose condition has neither authentication nor counters in it. */
  default TranslatedCondition plain() {
    return each(
        leaf ->
            switch (leaf) {
              case Authenticated auth ->
                  new Unknown(
                      "authentication by '" + auth.userlist() + "' inside of another condition");
              case Rate rate ->
                  new Unknown("the counter " + rate.counter() + " inside of another condition");
              case TranslatedCondition other -> other;
            });
  }

  /** The parts that all have to hold. */
  default List<TranslatedCondition> conjuncts() {
    return this instanceof All all ? all.parts() : List.of(this);
  }

  /** Takes what is unknown so that the whole holds more often ({@code true}) or less often. */
  default TranslatedCondition bound(boolean wider) {
    return map(
        leaf -> leaf instanceof Unknown ? new Constant(wider) : leaf,
        leaf -> leaf instanceof Unknown ? new Constant(!wider) : leaf);
  }

  /** The leaves. */
  default Stream<TranslatedCondition> leaves() {
    return switch (this) {
      case Not not -> not.of().leaves();
      case All all -> all.parts().stream().flatMap(TranslatedCondition::leaves);
      case Any any -> any.parts().stream().flatMap(TranslatedCondition::leaves);
      case TranslatedCondition leaf -> Stream.of(leaf);
    };
  }

  /** The leaves of a kind. */
  default <T extends TranslatedCondition> Stream<T> leaves(Class<T> kind) {
    return leaves().filter(kind::isInstance).map(kind::cast);
  }

  /** Whether it holds always. */
  default boolean isAlways() {
    return equals(Constant.TRUE);
  }

  /** Whether it never holds. */
  default boolean isNever() {
    return equals(Constant.FALSE);
  }

  /** Why parts are not translated; empty if all are. */
  default String whyUnknown() {
    return leaves(Unknown.class).map(Unknown::why).distinct().collect(Collectors.joining("; "));
  }

  /** The same, with notes for each term. */
  default TranslatedCondition noted(List<TermDifference> more) {
    return more.isEmpty() ? this : each(leaf -> leaf instanceof Term ? leaf.noted(more) : leaf);
  }

  /**
   * The same as a part of a guard.
   *
   * @param permits whether requests pass the guard where it holds
   */
  default TranslatedCondition ofGuard(boolean permits) {
    return map(leaf -> leaf.leafOfGuard(permits), leaf -> leaf.leafOfGuard(!permits));
  }

  private TranslatedCondition leafOfGuard(boolean permits) {
    return this instanceof Term term
        ? new Term(
            term.text(),
            term.notes().stream().map(each -> each.ofGuard(permits)).distinct().toList())
        : this;
  }

  /** The same without notes. */
  default TranslatedCondition bare() {
    return each(leaf -> leaf instanceof Term term ? new Term(term.text()) : leaf);
  }

  /** Whether a term looks at the path, of which guards try every form. */
  default boolean readsPath() {
    return reads("path", "target");
  }

  /** Whether a term begins with one of these names. */
  default boolean reads(String... names) {
    return leaves(Term.class)
        .anyMatch(term -> Stream.of(names).anyMatch(name -> term.text().startsWith(name)));
  }

  /** How its terms differ from HAProxy's. */
  default List<TermDifference> notes() {
    return leaves(Term.class).flatMap(term -> term.notes().stream()).distinct().toList();
  }

  /** The text in Understudy's language. All leaves must be constants and terms. */
  default String text() {
    return switch (this) {
      case Constant constant -> constant.value() ? "any" : "never";
      case Term term -> term.text();
      case Not not -> "not " + inner(not.of());
      case All all ->
          all.parts().stream().map(TranslatedCondition::inner).collect(Collectors.joining(" and "));
      case Any any ->
          any.parts().stream().map(TranslatedCondition::inner).collect(Collectors.joining(" or "));
      case Compared compared -> throw new IllegalStateException(compared.test().sample().source());
      case Unknown unknown -> throw new IllegalStateException(unknown.why());
      case Authenticated auth -> throw new IllegalStateException("authenticated");
      case Rate rate -> throw new IllegalStateException("rate");
    };
  }

  private static String inner(TranslatedCondition part) {
    return part instanceof All || part instanceof Any ? "(" + part.text() + ")" : part.text();
  }
}
