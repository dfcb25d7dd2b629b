package dev.understudy.pool;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that follows from a filter's name: disclosure, warnings, the order of default filters,
 * guards, arguments. A filter's own file has its kind; the comment on it has the filter's short
 * form, its sentence in the reference, and its examples in the schema, which are generated from it.
 * A {@link FilterCatalog} lists the kinds.
 */
public final class FilterKind {
  /** Begins the names of arguments that are header fields. */
  public static final String FIELD_PREFIX = "headers.";

  /** A filter of the Gateway that needs no row, or a name that nobody knows. */
  private static final FilterKind OTHER = gateway("");

  /** What is true of some filters. */
  public enum Trait {
    /** Understudy's own; the Gateway does not know it. */
    OWN,
    /** Ends every request that it meets. */
    ENDING,
    /** Keeps requests from servers: its condition is tried on all forms of the path. */
    GUARD,
    /** As a default filter runs before all of a route's own. */
    FIRST,
    /** Changes only responses of servers: it has no effect on a local response. */
    SERVER_RESPONSE,
    /** May have a condition on the response, with or without other arguments. */
    RESPONSE_CONDITION,
    /** Has an argument of any text, in which the word {@code when} may stand. */
    FREE_TEXT,
    /** The Gateway fails late, or without saying why, if one of the arguments is missing. */
    REQUIRED,
    /** The Gateway gives it an order of its own, independent of its position. */
    OWN_ORDER,
    /** Needs a library that is not in the jar. */
    WITHOUT_LIBRARY,
    /** Needs a bean written in Java. */
    JAVA_ONLY,
    /** Its argument is the name of a server of the request's pool. */
    SERVER,
    /** Its argument is the name of the pool that requests go to. */
    POOL,
    /** Its {@code url} may be one of a pool whose servers are asked about requests. */
    ASKS_POOL,
    /** Its {@code file} has users. */
    USERS,
    /** Its arguments may begin with {@link FilterKind#FIELD_PREFIX}: header fields. */
    FIELDS
  }

  /** How much of the arguments is shown in logs, events and documents. */
  private enum Shown {
    NOTHING,
    FIRST,
    ALL
  }

  /** The kinds by name, read once. */
  private static final class Known {
    static final List<FilterKind> ALL =
        ServiceLoader.load(FilterCatalog.class, FilterKind.class.getClassLoader()).stream()
            .flatMap(catalog -> catalog.get().kinds().stream())
            .toList();

    static final Map<String, FilterKind> BY_NAME =
        ALL.stream().collect(Collectors.toUnmodifiableMap(FilterKind::name, Function.identity()));
  }

  private final String name;
  private final List<String> arguments;
  private final Set<Trait> traits;
  private final Shown display;
  private final int mostArguments;
  private final int requestFields;

  private FilterKind(
      String name,
      List<String> arguments,
      Set<Trait> traits,
      Shown display,
      int mostArguments,
      int requestFields) {
    this.name = name;
    this.arguments = arguments;
    this.traits = traits;
    this.display = display;
    this.mostArguments = mostArguments;
    this.requestFields = requestFields;
  }

  /**
   * A filter of ours.
   *
   * @param arguments their names in the order of the short form
   */
  public static FilterKind own(String name, String... arguments) {
    return gateway(name, arguments).with(Trait.OWN);
  }

  /**
   * A filter of the Gateway.
   *
   * @param arguments their names in the order of the short form, as far as they are of interest
   */
  public static FilterKind gateway(String name, String... arguments) {
    return new FilterKind(name, List.of(arguments), Set.of(), Shown.NOTHING, -1, 0);
  }

  /** The same with more traits. */
  public FilterKind with(Trait... more) {
    Set<Trait> all =
        Stream.concat(traits.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
    return new FilterKind(name, arguments, all, display, mostArguments, requestFields);
  }

  /** Shows all arguments: each is a name, a number, an address or a time. */
  public FilterKind shown() {
    return new FilterKind(name, arguments, traits, Shown.ALL, mostArguments, requestFields);
  }

  /** Shows the first argument only. */
  public FilterKind firstShown() {
    return new FilterKind(name, arguments, traits, Shown.FIRST, mostArguments, requestFields);
  }

  /** The short form has at most that many arguments: the last one may have commas. */
  public FilterKind split(int most) {
    return new FilterKind(name, arguments, traits, display, most, requestFields);
  }

  /** That many arguments, from the first on, are names of fields of the request. */
  public FilterKind naming(int fields) {
    return new FilterKind(name, arguments, traits, display, mostArguments, fields);
  }

  /** The kind of a filter of that name; one without arguments and traits if it has no row. */
  public static FilterKind of(String name) {
    return Known.BY_NAME.getOrDefault(name, OTHER);
  }

  /** The kind of a filter. */
  public static FilterKind of(RoutePart filter) {
    return of(filter.name());
  }

  /** The kinds with a trait, in the order of the catalog. */
  public static List<FilterKind> having(Trait trait) {
    return Known.ALL.stream().filter(kind -> kind.is(trait)).toList();
  }

  /** The name in files, such as {@code BasicAuth}. */
  public String name() {
    return name;
  }

  /** The names of the arguments in the order of the short form, as far as they are of interest. */
  public List<String> arguments() {
    return arguments;
  }

  public boolean is(Trait trait) {
    return traits.contains(trait);
  }

  /** The most arguments of the short form, the last of which may have commas; -1 for any number. */
  public int mostArguments() {
    return mostArguments;
  }

  /** How many arguments, from the first on, are names of fields of the request. */
  public int requestFields() {
    return requestFields;
  }

  /** Whether all arguments may be shown. */
  public boolean isShown() {
    return display == Shown.ALL;
  }

  /** The only argument that may be shown, the first of the short form; null if there is none. */
  public @Nullable String shownArgument() {
    return display == Shown.FIRST ? arguments.getFirst() : null;
  }

  @Override
  public String toString() {
    return name;
  }
}
