package dev.understudy.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.http.NormalTarget;
import dev.understudy.testing.Extent;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Route sets and requests by chance: the table says what Spring says, or leaves it to Spring. */
@Tag(Extent.FULL)
class RandomRoutesTest {
  private static final int TABLES = Extent.rounds(600);
  private static final int REQUESTS = 60;

  private static final List<String> HOST_PATTERNS =
      words(
          """
          a.test A.Test b.a.test test *.test *.a.test **.test **.a.test ** * c-*.test {sub}.a.test
          a.*.test b.** **.*.test a..test .a.test a.test. *.*.test ?.test a_b.test **.b.**
          """);
  private static final List<String> HOSTS =
      words(
          """
          a.test A.TEST b.a.test c.b.a.test test b.test x.y.test c-1.test a_b.test other
          a.test:8080 a.test: a.test:99999 a.test:x a..test .a.test a.test. [::1]:80 127.0.0.1
          b.c.test a.b.c
          """,
          "");
  private static final List<String> PATH_PATTERNS =
      words(
          """
          /** / /a /a/ /a/** /a/b /a/b/** /A /* /a/* /a/*/c /*/b /{x} /a/{x} /a/{x}/** /{x}/b/{y}
          /{*all} /a/{*all} /**/c /a/{x:[a-b]+}/c /a* /a/b? /a//b //** /a;p /a/*/ a/** ** /*/**
          /{p}/{q}/{r}/{s}/{t} /a/*/*/c /a%20b /*.html /{x}/
          """,
          "/a b");
  private static final List<String> TARGETS =
      words(
          """
          / /a /a/ /a/b /a/b/ /a/b/c /a/x/c /b/b /A // //a /a//b /a// /a%20b /a;p=1/b /a;p /a/%62
          /a/./b /a/../b /a/b%2Fc /ab /x.html /a/b/c/d/e /p/b/q /a/?q=/b /%61/b/c /a/x/y/c /a/b//
          /c /a/%25/c /d/c /a///b
          """);
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PURGE");

  private static final Pattern PLAIN =
      Pattern.compile(
          "[a-z0-9_-]+(\\.[a-z0-9_-]+)*(:[0-9]{1,4})?|/[^%;]*", Pattern.CASE_INSENSITIVE);

  @Test
  void a_table_decides_as_the_gateway_or_leaves_it_to_the_gateway() {
    Random random = new Random(20261120);
    int found = 0;
    for (int i = 0; i < TABLES; i++) {
      List<RouteSpec> routes = routes(random);
      RouteTable table = RouteCompiler.compile(routes, List.of());
      boolean allCompiled = table.lanes().stream().allMatch(RouteLane::express);
      SpringRoutes spring = new SpringRoutes(routes);
      for (int j = 0; j < REQUESTS; j++) {
        String method = one(METHODS, random);
        String host = random.nextInt(15) == 0 ? null : one(HOSTS, random);
        String path = NormalTarget.of(one(TARGETS, random)).split("\\?", 2)[0];
        CompiledRoute mine = table.find(HttpMethod.valueOf(method), host, path);
        String its = spring.first(method, host, path);
        if (mine != null || (allCompiled && isPlain(host) && isPlain(path))) {
          assertThat(mine == null ? null : mine.id())
              .as("%s %s %s in %s", method, host, path, routes)
              .isEqualTo(its);
          found++;
        }
        if (host != null) {
          assertThat(rank(table, method, host.toLowerCase(Locale.ROOT), path))
              .as("in small letters and large: %s %s %s in %s", method, host, path, routes)
              .isEqualTo(rank(table, method, host.toUpperCase(Locale.ROOT), path));
        }
      }
    }
    // Enough to mean something.
    assertThat(found).isGreaterThan(TABLES * REQUESTS / 10);
  }

  /** A host in large letters is looked for in the tree. */
  @Test
  void the_gateway_never_finds_a_route_that_is_called_shadowed() {
    Random random = new Random(20261121);
    int shadowed = 0;
    for (int i = 0; i < TABLES; i++) {
      List<RouteSpec> routes = routes(random);
      Map<String, ?> never = ShadowedRoutes.of(routes);
      shadowed += never.size();
      SpringRoutes spring = new SpringRoutes(routes);
      for (int j = 0; j < REQUESTS && !never.isEmpty(); j++) {
        String method = one(METHODS, random);
        String host = random.nextInt(15) == 0 ? null : one(HOSTS, random);
        String path = NormalTarget.of(one(TARGETS, random)).split("\\?", 2)[0];
        assertThat(never.keySet())
            .as("%s %s %s %s", method, host, path, routes)
            .doesNotContain(String.valueOf(spring.first(method, host, path)));
      }
    }
    assertThat(shadowed).isGreaterThan(TABLES / 10);
  }

  private static int rank(RouteTable table, String method, String host, String path) {
    return table.rank(Methods.index(HttpMethod.valueOf(method)), host, path);
  }

  /** Nothing to decode, to drop or to guess in it. */
  private static boolean isPlain(@Nullable String hostOrPath) {
    return hostOrPath == null || PLAIN.matcher(hostOrPath).matches();
  }

  private static List<RouteSpec> routes(Random random) {
    List<RouteSpec> routes = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      List<RoutePart> predicates = new ArrayList<>();
      if (random.nextInt(3) > 0) {
        predicates.add(part("Host", HOST_PATTERNS, random));
      }
      if (random.nextInt(4) > 0) {
        predicates.add(part("Path", PATH_PATTERNS, random));
      }
      if (random.nextInt(4) == 0) {
        predicates.add(part("Method", METHODS, random));
      }
      if (random.nextInt(8) == 0) {
        // One that says yes to half of the requests.
        predicates.add(new RoutePart("Header", Map.of("_genkey_0", "X-Any")));
      }
      if (random.nextInt(12) == 0) {
        predicates.add(part("Host", HOST_PATTERNS, random));
      }
      if (predicates.isEmpty()) {
        predicates.add(new RoutePart("Path", Map.of("_genkey_0", "/**")));
      }
      routes.add(
          new RouteSpec(
              "r" + i, "pool://p", random.nextInt(3) - 1, predicates, List.of(), Map.of()));
    }
    return routes;
  }

  private static RoutePart part(String name, List<String> values, Random random) {
    Map<String, String> args = new LinkedHashMap<>();
    Supplier<String> next = () -> one(values, random);
    args.put("_genkey_0", next.get());
    while (random.nextInt(4) == 0) {
      args.put("_genkey_" + args.size(), next.get());
    }
    if (name.equals("Path") && random.nextInt(8) == 0) {
      args.put("_genkey_" + args.size(), random.nextBoolean() ? "true" : "False");
    }
    return new RoutePart(name, args);
  }

  /** The words of a text, and more that are none. */
  private static List<String> words(String text, String... more) {
    return Stream.concat(Stream.of(text.split("\\s+")), Stream.of(more)).toList();
  }

  private static <T extends @Nullable Object> T one(List<T> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }
}
