package dev.understudy.pool;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of filters: our own, in the order of the reference, and those of Spring Cloud Gateway
 * that need a row. A row holds all that follows from a filter's name: disclosure, warnings, the
 * order of default filters, guards, arguments. The comment on each of our own has its short form,
 * its sentence in the reference, and its examples in the schema, which are generated from it;
 * {@code proxy.filter.FilterTable} names the file that compiles each kind.
 */
@SuppressWarnings("ImmutableEnumChecker") // the lists and the set are immutable copies
public enum FilterKind {
  /**
   * {@code PreferServer=SERVER}
   *
   * <p>The request goes to that server while it is usable, whichever server serves. It is a server
   * of the route's pool, or of the pool that an earlier {@code UsePool} names.
   *
   * <p>Example: {@code PreferServer=two}
   */
  PREFER_SERVER(own("server").shown()),

  /**
   * {@code RedirectToHttps=STATUS[, PORT]}
   *
   * <p>Redirects a request that came without TLS to the same host and target on https. Status 301,
   * 302, 307 or 308; port 443 unless given.
   *
   * <p>Example: {@code RedirectToHttps=301}
   */
  REDIRECT_TO_HTTPS(own("status", "port").with(Trait.GUARD, Trait.FIRST).shown()),

  /**
   * {@code RedirectToHost=STATUS, URL}
   *
   * <p>Redirects to the same path and query at that scheme, host and port. The Gateway's {@code
   * RedirectTo} drops path and query. A request that has that scheme, host and port already passes.
   * Status 301, 302, 303, 307 or 308.
   *
   * <p>Example: {@code RedirectToHost=301, https://www.example.com}
   */
  REDIRECT_TO_HOST(own("status", "url").with(Trait.GUARD, Trait.FIRST).shown()),

  /**
   * {@code StrictTransportSecurity=VALUE}
   *
   * <p>Sets that field on every response over TLS, Understudy's own included, and on none without
   * TLS.
   *
   * <p>Example: {@code StrictTransportSecurity=max-age=16000000; preload}
   */
  STRICT_TRANSPORT_SECURITY(own("value").with(Trait.FIRST).shown()),

  /**
   * {@code RequireWebSocketUpgrade=/PATH}
   *
   * <p>403 for requests to that path unless they are complete WebSocket handshakes that are
   * relayed: GET, no body, with key and version; over HTTP/2 an extended {@code CONNECT} (RFC
   * 8441).
   *
   * <p>Example: {@code RequireWebSocketUpgrade=/websocket}
   */
  REQUIRE_WEB_SOCKET_UPGRADE(own("path").with(Trait.GUARD, Trait.FIRST).shown()),

  /**
   * {@code Deny=STATUS}
   *
   * <p>Ends every request with that status, 400 to 599.
   *
   * <p>Example: {@code Deny=403}
   *
   * <p>Example: {@code Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8)}
   */
  DENY(own("status").with(Trait.ENDING, Trait.GUARD, Trait.FIRST).shown()),

  /**
   * {@code Respond=STATUS, TEXT}
   *
   * <p>Ends every request with that status, 200 to 599, and the text as {@code text/plain}. The
   * text may have commas and [values](conditions.md#values). Long form: {@code args: { status: 200,
   * text: …, content-type: text/html, headers: { NAME: VALUE } }}; values are escaped for HTML, XML
   * and JSON.
   *
   * <p>Example: {@code Respond=200, a text, with commas}
   */
  RESPOND(
      own("status", "text", "content-type")
          .with(Trait.ENDING, Trait.GUARD, Trait.FIRST, Trait.FREE_TEXT)
          .firstShown()),

  /**
   * {@code BasicAuth=FILE[, REALM]}
   *
   * <p>401 unless the request has the name and the password of a user of that file; see [Users and
   * passwords](filters.md#users-and-passwords).
   *
   * <p>Example: {@code BasicAuth=/etc/understudy/users, Staff only}
   */
  BASIC_AUTH(own("file", "realm", "groups", "forward").with(Trait.GUARD, Trait.FIRST).shown()),

  /**
   * {@code ForwardAuth=URL[, NAME, NAME]}
   *
   * <p>Asks an authenticator ({@code pool://POOL/PATH}) first: after a 2xx, the request goes on
   * with the named fields of that response; any other response goes to the client; see
   * [Authenticators](filters.md#authenticators).
   *
   * <p>Example: {@code ForwardAuth=pool://authelia/api/authz/forward-auth, Remote-User}
   */
  FORWARD_AUTH(
      own(
              "url",
              "response-headers",
              "request-headers",
              "timeout",
              "on-failure",
              "concurrent",
              "cache",
              "cache-key")
          .with(Trait.GUARD, Trait.FIRST)
          .shown()),

  /**
   * {@code Compress[=TYPE, TYPE]}
   *
   * <p>Compresses responses of servers with gzip; see [Compression](filters.md#compression).
   *
   * <p>Example: {@code Compress=text/html, application/json}
   */
  COMPRESS(own("types", "level", "min-size").with(Trait.SERVER_RESPONSE).shown()),

  /**
   * {@code AllowUpgrade=PROTOCOL[, PROTOCOL]}
   *
   * <p>Relays HTTP/1.1 requests whose {@code Upgrade} names one of these protocols; see
   * [Upgrades](filters.md#upgrades). Only the last such filter that a request passes counts.
   *
   * <p>Example: {@code AllowUpgrade=tcp, SPDY/3.1}
   */
  ALLOW_UPGRADE(own("protocols").shown()),

  /**
   * {@code RateLimit=REQUESTS/PERIOD, KEY}
   *
   * <p>429 with {@code Retry-After} for requests beyond that rate; see [Rate
   * limits](filters.md#rate-limits).
   *
   * <p>Example: {@code RateLimit=100/10s, client-address}
   */
  RATE_LIMIT(
      own("rate", "key", "entries", "status", "table", "requests", "period")
          .with(Trait.GUARD, Trait.FIRST)
          .shown()),

  /**
   * {@code Redirect=STATUS, LOCATION}
   *
   * <p>Redirects to a location with [values](conditions.md#values): {@code
   * https://www.example.com{target}} keeps path and query. Status 301, 302, 303, 307 or 308. A
   * location whose text names no origin is a path of the same host; in an origin {@code {host}} or
   * {@code {host-name}} may stand, after labels and before a port.
   *
   * <p>Example: {@code Redirect=301, https://www.example.com{target} when host(example.com)}
   */
  REDIRECT(own("status", "location").with(Trait.ENDING, Trait.GUARD, Trait.FIRST).firstShown()),

  /**
   * {@code Reject}
   *
   * <p>Closes the connection, or resets the HTTP/2 stream, without a response.
   */
  REJECT(own().with(Trait.ENDING, Trait.GUARD, Trait.FIRST).shown()),

  /**
   * {@code Tarpit=STATUS, TIME}
   *
   * <p>Ends every request with that status, 400 to 599, after that time, at most {@code 5m}.
   */
  TARPIT(own("status", "time").with(Trait.ENDING, Trait.GUARD, Trait.FIRST).shown()),

  /**
   * {@code UsePool=POOL}
   *
   * <p>The request goes to that pool instead of the route's. Only the last such filter counts.
   *
   * <p>Example: {@code UsePool=static when path-suffix(.css, .js)}
   */
  USE_POOL(own("pool").shown()),

  /**
   * {@code SetVariable=NAME, VALUE}
   *
   * <p>Keeps a text with [values](conditions.md#values), for conditions and values of filters that
   * follow.
   */
  SET_VARIABLE(own("name", "value").with(Trait.FREE_TEXT).firstShown()),

  /**
   * {@code SetQuery[=QUERY]}
   *
   * <p>Replaces the query by a text with [values](conditions.md#values). {@code SetQuery} alone
   * removes it.
   */
  SET_QUERY(own("query")),

  /**
   * {@code SetHost=HOST}
   *
   * <p>Replaces {@code Host} by a text with [values](conditions.md#values). A result that is not a
   * host changes nothing.
   */
  SET_HOST(own("host")),

  /**
   * {@code SetMethod=METHOD}
   *
   * <p>Replaces the method by a text with [values](conditions.md#values), in capitals. The server
   * and the access log get the new one; conditions and {@code {method}} still see the client's, as
   * HAProxy's do. HEAD, CONNECT and WebSocket handshakes keep theirs, and so does a request that
   * would become HEAD, CONNECT or no method.
   */
  SET_METHOD(own("method")),

  /**
   * {@code ReplaceRequestHeader=NAME, REGEX, REPLACEMENT}
   *
   * <p>Each field line of the request in which the expression is found becomes the replacement;
   * {@code $1} is its first group.
   */
  REPLACE_REQUEST_HEADER(own("name", "regexp", "replacement").firstShown()),

  /**
   * {@code ReplaceResponseHeader=NAME, REGEX, REPLACEMENT}
   *
   * <p>The same for field lines of the response.
   */
  REPLACE_RESPONSE_HEADER(
      own("name", "regexp", "replacement")
          .with(Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION)
          .firstShown()),

  // The Gateway's own that have a row in the reference.

  /**
   * {@code SetPath=PATH}
   *
   * <p>Replaces the path by a text with [values](conditions.md#values). Braces with names of the
   * route's own path are the Gateway's.
   */
  SET_PATH(gateway("template").with(Trait.REQUIRED)),

  /**
   * {@code SetStatus=STATUS when …}
   *
   * <p>Replaces the status of a server's response if the condition holds, which may be on the
   * [response](conditions.md). 200 to 599 except 204, 205 and 304; a response with one of these
   * keeps it. Metrics, access log and circuit breakers count the server's own.
   */
  SET_STATUS(gateway("status").with(Trait.REQUIRED, Trait.SERVER_RESPONSE).shown()),

  // The Gateway's own.
  ADD_REQUEST_HEADER(gateway("name", "value").with(Trait.FREE_TEXT).firstShown()),
  ADD_REQUEST_HEADERS_IF_NOT_PRESENT(gateway()),
  ADD_REQUEST_PARAMETER(gateway("name", "value").firstShown()),
  ADD_RESPONSE_HEADER(
      gateway("name", "value", "override")
          .with(Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION, Trait.FREE_TEXT)
          .firstShown()),
  CACHE_REQUEST_BODY(gateway("bodyClass").with(Trait.REQUIRED)),
  CIRCUIT_BREAKER(gateway().with(Trait.WITHOUT_LIBRARY)),
  DEDUPE_RESPONSE_HEADER(gateway().with(Trait.SERVER_RESPONSE)),
  FALLBACK_HEADERS(gateway().with(Trait.WITHOUT_LIBRARY)),
  JSON_TO_GRPC(gateway().with(Trait.WITHOUT_LIBRARY, Trait.OWN_ORDER)),
  LOCAL_RESPONSE_CACHE(gateway().with(Trait.WITHOUT_LIBRARY, Trait.OWN_ORDER)),
  MAP_REQUEST_HEADER(gateway("fromHeader", "toHeader").with(Trait.REQUIRED).shown()),
  MODIFY_REQUEST_BODY(gateway().with(Trait.JAVA_ONLY)),
  MODIFY_RESPONSE_BODY(gateway().with(Trait.JAVA_ONLY, Trait.OWN_ORDER)),
  PREFIX_PATH(gateway("prefix").with(Trait.REQUIRED)),
  REDIRECT_TO(
      gateway("status", "url").with(Trait.REQUIRED, Trait.ENDING, Trait.GUARD).firstShown()),
  REMOVE_JSON_ATTRIBUTES_RESPONSE_BODY(gateway().with(Trait.OWN_ORDER)),
  REMOVE_REQUEST_HEADER(gateway("name").with(Trait.REQUIRED).shown()),
  REMOVE_REQUEST_PARAMETER(gateway("name").shown()),
  REMOVE_RESPONSE_HEADER(
      gateway("name")
          .with(Trait.REQUIRED, Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION)
          .shown()),
  REQUEST_HEADER_SIZE(gateway().with(Trait.GUARD).shown()),
  REQUEST_HEADER_TO_REQUEST_URI(gateway("name").with(Trait.REQUIRED, Trait.OWN_ORDER)),
  REQUEST_RATE_LIMITER(gateway().with(Trait.WITHOUT_LIBRARY)),
  REQUEST_SIZE(gateway().with(Trait.GUARD).shown()),
  REWRITE_LOCATION_RESPONSE_HEADER(gateway().with(Trait.SERVER_RESPONSE)),
  REWRITE_PATH(gateway("regexp", "replacement").with(Trait.REQUIRED)),
  REWRITE_REQUEST_PARAMETER(gateway("name", "replacement").with(Trait.REQUIRED).firstShown()),
  REWRITE_RESPONSE_HEADER(
      gateway("name", "regexp", "replacement")
          .with(Trait.REQUIRED, Trait.SERVER_RESPONSE)
          .firstShown()),
  SECURE_HEADERS(gateway().with(Trait.SERVER_RESPONSE)),

  /** Example: {@code SetRequestHeader=X-Client, {client.address}} */
  SET_REQUEST_HEADER(gateway("name", "value").with(Trait.FREE_TEXT).firstShown()),

  SET_REQUEST_HOST_HEADER(gateway("host").with(Trait.REQUIRED)),
  SET_REQUEST_URI(gateway().with(Trait.OWN_ORDER)),
  SET_RESPONSE_HEADER(
      gateway("name", "value")
          .with(Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION, Trait.FREE_TEXT)
          .firstShown()),
  STRIP_PREFIX(gateway("parts").shown()),
  TOKEN_RELAY(gateway().with(Trait.WITHOUT_LIBRARY)),

  /** Any other filter of the Gateway, or a name that nobody knows. */
  OTHER(gateway());

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
    JAVA_ONLY
  }

  /** How much of the arguments is shown in logs, events and documents. */
  private enum Shown {
    NOTHING,
    FIRST,
    ALL
  }

  /** A row of the table. */
  private record Row(List<String> arguments, Set<Trait> traits, Shown display) {
    Row with(Trait... more) {
      return new Row(
          arguments,
          Stream.concat(traits.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet()),
          display);
    }

    /** Shows all arguments: each is a name, a number, an address or a time. */
    Row shown() {
      return new Row(arguments, traits, Shown.ALL);
    }

    /** Shows the first argument only. */
    Row firstShown() {
      return new Row(arguments, traits, Shown.FIRST);
    }
  }

  private static final Map<String, FilterKind> BY_NAME =
      Arrays.stream(values())
          .filter(kind -> !kind.title.isEmpty())
          .collect(Collectors.toUnmodifiableMap(FilterKind::title, Function.identity()));

  private final String title;
  private final Row row;

  FilterKind(Row row) {
    this.title = name().equals("OTHER") ? "" : camelCase(name());
    this.row = row;
  }

  private static Row own(String... arguments) {
    return gateway(arguments).with(Trait.OWN);
  }

  private static Row gateway(String... arguments) {
    return new Row(List.of(arguments), Set.of(), Shown.NOTHING);
  }

  /** Turns {@code BASIC_AUTH} into {@code BasicAuth}. */
  private static String camelCase(String constant) {
    return Arrays.stream(constant.split("_", -1))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  /** The kind of a filter of that name; {@link #OTHER} if it has no row. */
  public static FilterKind of(String name) {
    return BY_NAME.getOrDefault(name, OTHER);
  }

  /** The kind of a filter. */
  public static FilterKind of(RoutePart filter) {
    return of(filter.name());
  }

  /** The kinds with a trait, in the order of the table. */
  public static List<FilterKind> with(Trait trait) {
    return Arrays.stream(values()).filter(kind -> kind.is(trait)).toList();
  }

  /** The name in files, such as {@code BasicAuth}. */
  public String title() {
    return title;
  }

  /** The names of the arguments in the order of the short form, as far as they are of interest. */
  public List<String> arguments() {
    return row.arguments();
  }

  public boolean is(Trait trait) {
    return row.traits().contains(trait);
  }

  /** Whether all arguments may be shown. */
  public boolean isShown() {
    return row.display() == Shown.ALL;
  }

  /** The only argument that may be shown, the first of the short form; null if there is none. */
  public @Nullable String shownArgument() {
    return row.display() == Shown.FIRST ? row.arguments().getFirst() : null;
  }
}
