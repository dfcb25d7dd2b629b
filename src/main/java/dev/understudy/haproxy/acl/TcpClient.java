package dev.understudy.haproxy.acl;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kind of TCP clients, by what they send first, and what HAProxy's comparisons of that
 * (configuration manual, 7.3.5) say of all of them.
 *
 * @param silent whether they await the server's first bytes
 * @param begin the bytes that all of them begin with, in hexadecimal and small letters; of those
 *     that they do not have in common none is compared
 * @param tls whether that is a TLS handshake
 * @param ended whether TLS ends at the listener, so that nothing of what is in it is known
 * @param serverName the name that they ask for; with {@link #ANY} in it they have that in common
 *     with others whose names are compared as no whole; null: none
 * @param http whether they speak HTTP; absent: some may
 */
public record TcpClient(
    boolean silent,
    String begin,
    boolean tls,
    boolean ended,
    @Nullable String serverName,
    Optional<Boolean> http) {
  /** Stands for one label or more, or a part of one, that no comparison has. */
  public static final String ANY = "\u0001";

  private static final Set<String> NAMES = Set.of("req.ssl_sni", "ssl_fc_sni");
  private static final Set<String> BYTES = Set.of("payload", "req.payload");
  private static final Set<String> WHOLE = Set.of("", "str", "end");

  /**
   * A comparison of server names by a map or by files as one with what they have; any other as it
   * is.
   *
   * @param files the text of a file; absent if it cannot be read
   */
  public static Expression prepared(
      AclTest test, TermContext context, Function<String, Optional<String>> files) {
    if (!isOfNames(test)) {
      return new Expression.Compared(test);
    }
    List<Call> converters = test.sample().converters();
    if (!converters.isEmpty() && converters.getLast().name().startsWith("map")) {
      MapLookup lookup = MapLookup.of(test, context);
      return lookup.keys() == null
          ? unknown(test, lookup.why())
          : new Expression.Compared(lookup.keys());
    }
    List<String> patterns = new ArrayList<>(test.patterns());
    for (String file : test.files()) {
      Optional<String> text = files.apply(file);
      if (text.isEmpty()) {
        return unknown(test, "'" + file + "' cannot be read here");
      }
      text.get()
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(patterns::add);
    }
    return new Expression.Compared(
        new AclTest(test.sample(), test.matcher(), test.ignoreCase(), patterns, List.of()));
  }

  /** Whether it compares a server name of TLS. */
  public static boolean isOfNames(AclTest test) {
    return NAMES.contains(test.sample().name());
  }

  /** Whether it asks for HTTP. */
  public static boolean isOfHttp(AclTest test) {
    return test.sample().name().equals("req.proto_http");
  }

  /** The names that it asks for as a whole. */
  public static List<String> names(AclTest test) {
    return isOfNames(test) && Set.of("", "str").contains(test.matcher())
        ? test.patterns().stream().map(each -> each.toLowerCase(Locale.ROOT)).toList()
        : List.of();
  }

  /** The ends of names that it asks for. */
  public static List<String> endings(AclTest test) {
    return isOfNames(test) && test.matcher().equals("end")
        ? test.patterns().stream().map(each -> each.toLowerCase(Locale.ROOT)).toList()
        : List.of();
  }

  /** The first bytes that it asks for, in hexadecimal; absent if it asks for others, too. */
  public static Optional<List<String>> prefixes(AclTest test) {
    if (!BYTES.contains(test.sample().name())
        || !test.files().isEmpty()
        || !test.sample().fetch().argument(0).equals("0")) {
      return Optional.empty();
    }
    String length = test.sample().fetch().argument(1);
    List<Call> converters = test.sample().converters();
    boolean hex = converters.equals(List.of(new Call("hex", List.of())));
    if (!length.matches("[0-9]{1,4}") || !(hex || converters.isEmpty())) {
      return Optional.empty();
    }
    List<String> found = new ArrayList<>();
    for (String pattern : test.patterns()) {
      String bytes = bytes(test, pattern, hex);
      if (!bytes.matches("([0-9a-f]{2})+")) {
        return Optional.empty();
      }
      int most = Integer.parseInt(length);
      boolean part = test.matcher().equals("beg") && (most == 0 || bytes.length() < 2 * most);
      if (part || bytes.length() == 2 * most) {
        found.add(bytes);
      } else if (most == 0) {
        return Optional.empty();
      }
      // A pattern of another length is never equal.
    }
    return Optional.of(found);
  }

  /** A pattern's bytes in hexadecimal; empty if it is compared otherwise. */
  private static String bytes(AclTest test, String pattern, boolean hex) {
    String matcher = test.matcher();
    if (hex) {
      boolean upper = pattern.equals(pattern.toUpperCase(Locale.ROOT)) || test.ignoreCase();
      return Set.of("", "str", "beg").contains(matcher) && upper
          ? pattern.toLowerCase(Locale.ROOT)
          : "";
    }
    boolean anyCase =
        test.ignoreCase()
            && !pattern.toLowerCase(Locale.ROOT).equals(pattern.toUpperCase(Locale.ROOT));
    return switch (matcher) {
      case "bin" -> pattern.toLowerCase(Locale.ROOT);
      case "str", "beg" ->
          anyCase ? "" : HexFormat.of().formatHex(pattern.getBytes(StandardCharsets.UTF_8));
      default -> "";
    };
  }

  /** A constant if the comparison says the same of all these clients. */
  public Expression holds(AclTest test, TermContext context) {
    return switch (test.sample().name()) {
      case "req.ssl_sni" -> ended ? Expression.Constant.FALSE : ofName(test);
      case "ssl_fc_sni" -> ended ? ofName(test) : Expression.Constant.FALSE;
      case "ssl_fc" -> truth(test, ended);
      case "wait_end" -> truth(test, true);
      case "req.ssl_hello_type" -> ended ? inside(test) : number(test, tls ? 1 : -1);
      case "req.ssl_ver" -> tls ? unknown(test, "versions of TLS") : Expression.Constant.FALSE;
      case "req.proto_http" ->
          http.map(its -> truth(test, its))
              .orElseGet(() -> unknown(test, "some of these clients may speak HTTP"));
      case "req.len" -> silent ? number(test, 0) : unknown(test, "the number of bytes");
      case "req.rdp_cookie", "req.rdp_cookie_cnt" ->
          silent || tls ? number(test, 0) : unknown(test, "cookies of RDP");
      case "payload", "req.payload" -> ended ? inside(test) : ofBytes(test);
      default -> Terms.of(test, context);
    };
  }

  private static Expression inside(AclTest test) {
    return unknown(test, "what clients send inside of TLS");
  }

  private static Expression.Unknown unknown(AclTest test, String why) {
    return new Expression.Unknown("'" + test.sample().source() + "': " + why);
  }

  private static Expression constant(boolean value) {
    return value ? Expression.Constant.TRUE : Expression.Constant.FALSE;
  }

  private static Expression truth(AclTest test, boolean value) {
    return number(test, value ? 1 : 0);
  }

  /** A comparison of a number; -1: the sample has none. */
  private static Expression number(AclTest test, long number) {
    if (!test.sample().converters().isEmpty() || !test.files().isEmpty()) {
      return unknown(test, "its converters or files");
    }
    return switch (test.matcher()) {
      case "found" -> constant(number >= 0);
      case "bool" -> constant(number > 0);
      case "", "int" ->
          constant(
              test.patterns().isEmpty()
                  ? number > 0
                  : number >= 0 && IntegerRanges.of(test.patterns()).has(number));
      default -> unknown(test, "the matching method '" + test.matcher() + "'");
    };
  }

  private Expression ofName(AclTest test) {
    if (serverName == null) {
      return Expression.Constant.FALSE;
    }
    if (test.matcher().equals("found")) {
      return Expression.Constant.TRUE;
    }
    if (serverName.contains(ANY) && !WHOLE.contains(test.matcher())) {
      return unknown(test, "the matching method '" + test.matcher() + "'");
    }
    boolean ignoreCase = test.ignoreCase();
    String name = serverName;
    if (!test.sample().converters().isEmpty()) {
      boolean lower = test.sample().converters().stream().allMatch(c -> c.name().equals("lower"));
      boolean upper = test.sample().converters().stream().allMatch(c -> c.name().equals("upper"));
      if (!lower && !upper) {
        return unknown(test, "its converters");
      }
      name = upper ? name.toUpperCase(Locale.ROOT) : name;
    } else {
      // Clients write the names in small letters (RFC 6066 §3: they have no letter case).
      ignoreCase = true;
    }
    Sample plain = new Sample(test.sample().fetch(), List.of(), test.sample().source());
    AclTest compared = new AclTest(plain, test.matcher(), ignoreCase, test.patterns(), List.of());
    return Constants.test(compared, name)
        .orElseGet(() -> unknown(test, "the matching method '" + test.matcher() + "'"));
  }

  private Expression ofBytes(AclTest test) {
    if (silent) {
      return Expression.Constant.FALSE;
    }
    return prefixes(test)
        .map(prefixes -> constant(prefixes.stream().anyMatch(begin::startsWith)))
        .orElseGet(
            () ->
                unknown(
                    test,
                    "bytes other than the first ones, or compared otherwise than as a whole"));
  }
}
