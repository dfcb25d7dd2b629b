package dev.understudy.haproxy.acl;

import dev.understudy.condition.FileValues;
import dev.understudy.haproxy.acl.Sample.Call;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
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
 * (configuration manual, 7.3.5) yield for all of them.
 *
 * @param silent whether they await the server's first bytes
 * @param begin the bytes that all of them begin with, in hexadecimal and small letters; bytes that
 *     differ between them are not compared
 * @param tls whether that is a TLS handshake
 * @param ended whether TLS ends at the listener, which then does not know what the stream holds
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

  /**
   * A comparison of server names by a map or by files as one with the names in them; any other as
   * it is.
   *
   * @param files the text of a file; absent if it cannot be read
   */
  public static TranslatedCondition prepared(
      AclComparison test, TermContext context, Function<String, Optional<String>> files) {
    if (!isOfNames(test)) {
      return new TranslatedCondition.Compared(test);
    }
    if (MapLookup.ends(test.sample())) {
      return MapLookup.of(test, context, TranslatedCondition.Compared::new);
    }
    List<String> patterns = new ArrayList<>(test.patterns());
    for (String file : test.files()) {
      Optional<String> text = files.apply(file);
      if (text.isEmpty()) {
        return test.unknown("'" + file + "' cannot be read here");
      }
      patterns.addAll(FileValues.in(text.get()));
    }
    return new TranslatedCondition.Compared(
        new AclComparison(test.sample(), test.matcher(), test.ignoreCase(), patterns, List.of()));
  }

  /** Whether it compares a server name of TLS. */
  public static boolean isOfNames(AclComparison test) {
    return SampleTable.of(test.sample().fetch()).is("server-name");
  }

  /** Whether it asks for HTTP. */
  public static boolean isOfHttp(AclComparison test) {
    return test.sample().name().equals("req.proto_http");
  }

  /** The names that it asks for as a whole. */
  public static List<String> names(AclComparison test) {
    return test.isWhole() ? lowerNames(test) : List.of();
  }

  /** The ends of names that it asks for. */
  public static List<String> endings(AclComparison test) {
    return test.matcher().equals("end") ? lowerNames(test) : List.of();
  }

  private static List<String> lowerNames(AclComparison test) {
    return isOfNames(test)
        ? test.patterns().stream().map(each -> each.toLowerCase(Locale.ROOT)).toList()
        : List.of();
  }

  /** The first bytes that it asks for, in hexadecimal; absent if it asks for others, too. */
  public static Optional<List<String>> prefixes(AclComparison test) {
    if (!test.sample().name().equals("req.payload")
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
  private static String bytes(AclComparison test, String pattern, boolean hex) {
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

  /** A constant if the comparison has the same result for all these clients. */
  public TranslatedCondition holds(AclComparison test, TermContext context) {
    return switch (test.sample().name()) {
      case "req.ssl_sni" -> ended ? Constant.FALSE : ofName(test);
      case "ssl_fc_sni" -> ended ? ofName(test) : Constant.FALSE;
      case "ssl_fc" -> flag(test, ended);
      case "wait_end" -> flag(test, true);
      case "req.proto_http" ->
          http.map(its -> flag(test, its))
              .orElseGet(() -> test.unknown("some of these clients may speak HTTP"));
      case "req.ssl_hello_type" ->
          ended ? inside(test) : ConstantComparison.number(test, tls ? 1 : -1);
      case "req.ssl_ver" -> tls ? test.unknown("versions of TLS") : Constant.FALSE;
      case "req.len" ->
          silent ? ConstantComparison.number(test, 0) : test.unknown("the number of bytes");
      case "req.rdp_cookie", "req.rdp_cookie_cnt" ->
          silent || tls ? ConstantComparison.number(test, 0) : test.unknown("cookies of RDP");
      case "req.payload" -> ended ? inside(test) : ofBytes(test);
      default -> TermTranslation.of(test, context);
    };
  }

  private static TranslatedCondition flag(AclComparison test, boolean value) {
    return ConstantComparison.isPlain(test)
        ? ConstantComparison.flag(test, Constant.of(value))
        : test.unknown("it has converters or files");
  }

  private static TranslatedCondition inside(AclComparison test) {
    return test.unknown("what clients send inside of TLS");
  }

  private TranslatedCondition ofName(AclComparison test) {
    if (serverName == null) {
      return Constant.FALSE;
    }
    if (test.isFound()) {
      return Constant.TRUE;
    }
    if (serverName.contains(ANY) && !test.isWhole() && !test.matcher().equals("end")) {
      return test.unknownMatcher();
    }
    List<String> cases = test.sample().converters().stream().map(Call::name).distinct().toList();
    boolean upper = cases.equals(List.of("upper"));
    if (!upper && !cases.isEmpty() && !cases.equals(List.of("lower"))) {
      return test.unknown("its converters");
    }
    // Clients write the names in small letters (RFC 6066 §3: they have no letter case).
    AclComparison compared =
        test.of(test.sample().converted(List.of())).withCase(test.ignoreCase() || cases.isEmpty());
    return ConstantComparison.text(
        compared, upper ? serverName.toUpperCase(Locale.ROOT) : serverName);
  }

  private TranslatedCondition ofBytes(AclComparison test) {
    if (silent) {
      return Constant.FALSE;
    }
    return prefixes(test)
        .<TranslatedCondition>map(
            prefixes -> Constant.of(prefixes.stream().anyMatch(begin::startsWith)))
        .orElseGet(
            () ->
                test.unknown(
                    "bytes other than the first ones, or compared otherwise than as a whole"));
  }
}
