package dev.understudy.proxy.gateway;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.http.HttpToken;
import dev.understudy.proxy.route.JavaRewriting;
import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.cloud.gateway.filter.factory.rewrite.ModifyRequestBodyGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.rewrite.ModifyResponseBodyGatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.HostRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.MethodRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.PathRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.ReadBodyRoutePredicateFactory;
import org.springframework.cloud.gateway.support.config.KeyValue;
import org.springframework.cloud.gateway.support.config.KeyValueConfig;
import org.springframework.http.HttpStatus;

/**
 * Detects arguments that Spring Cloud Gateway 5.0.3 accepts, or rejects without naming the expected
 * value, although with them every request fails or none matches.
 */
final class UnworkableArguments {
  private static final String FILTER_IN_JAVA =
      "expected a RewriteFunction, which only a bean written in Java can be";

  /** RFC 9110 §5.6.2 */
  private static final Pattern LINE_ENDS = Pattern.compile("[\\x00\\n\\x0b\\f\\r]");

  /** Characters that no {@code Host} contains, with or without a port. */
  private static final Pattern NOT_IN_HOSTS = Pattern.compile("[/\\\\#@\\s]");

  private static final Pattern DOT_SEGMENT = Pattern.compile("(^|/)\\.\\.?(/|$)");

  private UnworkableArguments() {}

  /** Returns the problem with a predicate's bound arguments; null if none is known. */
  static @Nullable String ofPredicate(String name, Object config) {
    return switch (config) {
      case PathRoutePredicateFactory.Config path ->
          any("a path pattern such as /api/**", path.getPatterns(), UnworkableArguments::path);
      case HostRoutePredicateFactory.Config host ->
          any(
              "a host pattern such as *.example.com",
              host.getPatterns(),
              UnworkableArguments::host);
      case MethodRoutePredicateFactory.Config method -> {
        List<?> methods = method.getMethods() == null ? List.of() : List.of(method.getMethods());
        yield methods.isEmpty() ? "expected a method such as GET, found none" : null;
      }
      case ReadBodyRoutePredicateFactory.Config body ->
          body.getPredicate() == null || body.getInClass() == null
              ? "ReadBody: expected a Predicate, which only a bean written in Java can be"
              : null;
      default ->
          switch (name) {
            case "Query", "Cookie", "Header" -> regexp(new BeanWrapperImpl(config));
            case "RemoteAddr", "XForwardedRemoteAddr" ->
                sources(new BeanWrapperImpl(config).getPropertyValue("sources"));
            default -> null;
          };
    };
  }

  /** Returns the problem with a filter's bound arguments; null if none is known. */
  static @Nullable String ofFilter(String name, Object config) {
    return switch (config) {
      case ModifyRequestBodyGatewayFilterFactory.Config body ->
          body.getRewriteFunction() == null ? name + ": " + FILTER_IN_JAVA : null;
      case ModifyResponseBodyGatewayFilterFactory.Config body ->
          body.getRewriteFunction() == null ? name + ": " + FILTER_IN_JAVA : null;
      default -> {
        BeanWrapperImpl values = new BeanWrapperImpl(config);
        String missing = missing(name, values);
        yield missing == null ? value(name, config, values) : missing;
      }
    };
  }

  private static @Nullable String missing(String name, BeanWrapperImpl values) {
    FilterKind kind = FilterKind.of(name);
    for (String argument : kind.is(Trait.REQUIRED) ? kind.arguments() : List.<String>of()) {
      if (values.getPropertyValue(argument) == null) {
        return argument + ": expected a value, found nothing";
      }
    }
    return null;
  }

  private static @Nullable String value(String name, Object config, BeanWrapperImpl values) {
    return switch (name) {
      case "SetStatus" -> status(values, 200, 599, "NOT_FOUND");
      case "RedirectTo" -> status(values, 300, 399, "FOUND");
      case "RewritePath", "RewriteResponseHeader" -> rewriting(values);
      case "SetPath" -> absolute(values, "template");
      case "PrefixPath" -> absolute(values, "prefix");
      case "MapRequestHeader" -> headerName(text(values, "toHeader"), "toHeader");
      case "AddRequestHeader", "SetRequestHeader", "AddResponseHeader", "SetResponseHeader" ->
          header(text(values, "name"), text(values, "value"));
      default ->
          config instanceof KeyValueConfig several && several.getKeyValues() != null
              ? headers(several.getKeyValues())
              : null;
    };
  }

  private static @Nullable String text(BeanWrapperImpl values, String property) {
    return (String) values.getPropertyValue(property);
  }

  private interface Check {
    @Nullable String of(String value);
  }

  private static @Nullable String any(String what, @Nullable List<String> all, Check check) {
    if (all == null || all.isEmpty()) {
      return "expected " + what + ", found none";
    }
    for (String each : all) {
      String wrong = each.isEmpty() ? what : check.of(each);
      if (wrong != null) {
        return "expected " + wrong + ", found '" + each + "'";
      }
    }
    return null;
  }

  /**
   * Checks a path pattern, which may also begin with a wildcard that stands for the first slash.
   */
  private static @Nullable String path(String pattern) {
    if (Stream.of("/", "**", "{*").noneMatch(pattern::startsWith)) {
      return "a path pattern that starts with '/'";
    }
    return DOT_SEGMENT.matcher(withoutVariables(pattern)).find()
        ? "a path pattern without the segments '.' and '..', which are resolved in requests"
        : null;
  }

  private static @Nullable String host(String pattern) {
    return NOT_IN_HOSTS.matcher(withoutVariables(pattern)).find()
        ? "a host pattern such as *.example.com, without scheme and path"
        : null;
  }

  /**
   * The pattern without its variables, which may hold regular expressions: the text before the
   * first and after the last brace.
   */
  private static String withoutVariables(String pattern) {
    int first = pattern.indexOf('{');
    int last = pattern.lastIndexOf('}');
    return first < 0 || last < first
        ? pattern
        : pattern.substring(0, first) + "x" + pattern.substring(last + 1);
  }

  private static @Nullable String sources(@Nullable Object sources) {
    for (Object each : sources instanceof List<?> list ? list : List.of()) {
      if (!isNetwork(String.valueOf(each))) {
        return "sources: expected an address or a network such as 10.0.0.0/8, found '" + each + "'";
      }
    }
    return null;
  }

  /** Whether the text is an address or a network in CIDR form; never resolves a name. */
  private static boolean isNetwork(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean v4 = NetUtil.isValidIpV4Address(address);
    return (v4 || NetUtil.isValidIpV6Address(address))
        && (slash < 0 || isNumber(text.substring(slash + 1), bits -> bits <= (v4 ? 32 : 128)));
  }

  private static boolean isNumber(String text, IntPredicate good) {
    return text.matches("[0-9]{1,9}") && good.test(Integer.parseInt(text));
  }

  private static @Nullable String status(BeanWrapperImpl values, int least, int most, String name) {
    String text = String.valueOf(text(values, "status"));
    IntPredicate good = status -> status >= least && status <= most;
    boolean named =
        Arrays.stream(HttpStatus.values())
            .anyMatch(each -> each.name().equalsIgnoreCase(text) && good.test(each.value()));
    return named || isNumber(text, good)
        ? null
        : "status: expected %d to %d, or a name such as %s, found '%s'"
            .formatted(least, most, name, text);
  }

  private static @Nullable String regexp(BeanWrapperImpl values) {
    String regexp = text(values, "regexp");
    return regexp == null ? null : JavaRewriting.problem(regexp);
  }

  private static @Nullable String rewriting(BeanWrapperImpl values) {
    return JavaRewriting.problem(
        String.valueOf(text(values, "regexp")), String.valueOf(text(values, "replacement")));
  }

  private static @Nullable String absolute(BeanWrapperImpl values, String property) {
    String path = String.valueOf(text(values, property));
    return path.startsWith("/") || path.startsWith("{")
        ? null
        : property + ": expected a path that starts with '/', found '" + path + "'";
  }

  private static @Nullable String headers(KeyValue[] headers) {
    for (KeyValue each : headers) {
      String wrong = header(each.getKey(), each.getValue());
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private static @Nullable String header(@Nullable String name, @Nullable String value) {
    String wrong = headerName(name, "name");
    return wrong == null && value != null && LINE_ENDS.matcher(value).find()
        ? "value: expected one line of text"
        : wrong;
  }

  private static @Nullable String headerName(@Nullable String name, String argument) {
    return name == null || HttpToken.is(name)
        ? null
        : argument + ": expected the name of a header field, found '" + name + "'";
  }
}
