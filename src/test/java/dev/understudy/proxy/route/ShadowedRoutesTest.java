package dev.understudy.proxy.route;

import static dev.understudy.testing.TestRoutes.parts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which routes can never match; {@code RandomRoutesTest} holds this against the Gateway. */
class ShadowedRoutesTest {
  /**
   * @param text predicates with a blank between, each {@code Name=a,b}
   */
  private static RouteSpec route(String id, int order, String text) {
    return new RouteSpec(id, "pool://p", order, parts(text.trim().split(" ")), List.of(), Map.of());
  }

  private static List<String> shadowed(String... routes) {
    List<RouteSpec> sources = new ArrayList<>();
    for (String each : routes) {
      sources.add(route("r" + sources.size(), 0, each));
    }
    return ShadowedRoutes.of(sources).entrySet().stream()
        .map(each -> each.getKey() + " by " + String.join(" ", each.getValue()))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Path=/**                         | Path=/**
          Path=/**                         | Path=/a
          Path=/**                         | Host=a.test
          Path=/**                         | Method=POST
          Path=/**                         | Header=X,1
          Path=/**                         | Path=/a/x*/{y:[0-9]+}
          Path=/{*all}                     | Path=/a
          Path=/a/**                       | Path=/a
          Path=/a/**                       | Path=/a/b/c Method=GET
          Path=/a/**                       | Path=/a/*/c
          Path=/a/**                       | Path=/a/b*
          Path=/a/*                        | Path=/a/b
          Path=/a/*                        | Path=/a/{x}
          Path=/a/{x}                      | Path=/a/{y}
          Path=/a/{x}/**                   | Path=/a/b/c
          Path=/a,/b,/c                    | Path=/c,/a
          Host=a.test                      | Host=A.Test Path=/a
          Host=*.test                      | Host=a.test
          Host=**.test                     | Host=test,a.test,*.b.test
          Host=a.test,b.test Path=/a,/b    | Host=b.test Path=/b
          Method=GET,POST Path=/a          | Path=/a Method=GET
          """)
  void a_route_behind_one_that_matches_all_of_it_is_shadowed(String first, String second) {
    assertThat(shadowed(first, second)).containsExactly("r1 by r0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Path=/a                          | Path=/**
          Path=/a                          | Path=/a/
          Path=/a                          | Path=/A
          Path=/a/*                        | Path=/a
          Path=/a/*                        | Path=/a/b/c
          Path=/a/{x}                      | Path=/a/*
          Path=/a/*/*                      | Path=/a/**
          Path=/a/*/c                      | Path=/a/b/*
          Path=/a,/b                       | Path=/a,/c
          Path=/a* Host=a.test             | Path=/a Host=a.test
          Path=/** Header=X,1              | Path=/a
          Path=/** Weight=g,5              | Path=/** Weight=g,5
          Path=/** Path=/a                 | Path=/b
          Host=a.test                      | Path=/a
          Host=**                          | Path=/**
          Host=*.test                      | Host=test
          Host=*.test                      | Host=a.b.test
          Host=a.test:8080                 | Host=a.test:8080
          Host=**.test                     | Host=x-*.test
          Host=a.test Path=/a              | Host=a.test Path=/b
          Host=a.test Path=/a              | Host=b.test Path=/a
          Method=GET                       | Method=GET,POST
          Method=GET                       | Path=/a
          """)
  void a_route_that_may_still_match_is_not_reported(String first, String second) {
    assertThat(shadowed(first, second)).isEmpty();
  }

  @Test
  void methods_of_several_routes_count_together() {
    assertThat(
            shadowed(
                "Path=/a Method=GET,HEAD",
                "Path=/** Method=POST",
                "Path=/a Method=GET,POST",
                "Path=/a Method=PUT",
                "Path=/a"))
        .containsExactly("r2 by r0 r1");
  }

  @Test
  void hosts_and_paths_of_several_routes_count_together() {
    assertThat(shadowed("Host=a.test", "Host=b.test", "Host=a.test,b.test Path=/x,/y"))
        .containsExactly("r2 by r0 r1");
  }

  @Test
  void a_shadowed_route_shadows_none_itself() {
    assertThat(shadowed("Path=/**", "Path=/a/**", "Path=/a/b"))
        .containsExactly("r1 by r0", "r2 by r0");
  }

  @Test
  void predicates_that_exclude_one_another_are_found_without_another_route() {
    assertThat(shadowed("Path=/** Method=GET Method=POST", "Path=/a")).containsExactly("r0 by ");
  }

  @Test
  void the_order_counts_and_not_the_place() {
    assertThat(
            ShadowedRoutes.of(
                List.of(
                    route("specific", 0, "Path=/a"),
                    route("all", -1, "Path=/**"),
                    route("late", 9, "Path=/b"))))
        .containsOnlyKeys("specific", "late");
  }
}
