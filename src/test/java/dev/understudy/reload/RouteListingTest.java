package dev.understudy.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routes as they are shown to everybody who may read the management port. */
class RouteListingTest {
  private static RoutePart brief(String name, String... values) {
    Map<String, String> args = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      args.put(RoutePart.generatedKey(i), values[i]);
    }
    return new RoutePart(name, args);
  }

  @ParameterizedTest(name = "{0} with {1} is shown as {2}")
  @CsvSource(
      value = {
        "Path                 | /a;/b/**           | Path=/a,/b/**",
        "Host                 | *.domain.com       | Host=*.domain.com",
        "StripPrefix          | 1                  | StripPrefix=1",
        "PreferServer         | sen2               | PreferServer=sen2",
        "Header               | X-Key;s3cret       | Header=X-Key,***",
        "AddRequestHeader     | Authorization;s3cr | AddRequestHeader=Authorization,***",
        "SetResponseHeader    | X-Env;prod         | SetResponseHeader=X-Env,***",
        "Respond              | 200;hello          | Respond=200,***",
        "Query                | key;s3cret         | Query=key,***",
        "Cookie               | session;s3cret     | Cookie=session,***",
        "RedirectTo           | 302;https://x/?s3c | RedirectTo=302,***",
        "SetPath              | /hooks/s3cret      | SetPath=***",
        "PrefixPath           | /hooks/s3cret      | PrefixPath=***",
        "RewritePath          | /a;/hooks/s3cret   | RewritePath=***,***",
        "SetRequestHostHeader | s3cret             | SetRequestHostHeader=***",
        "AddRequestHeadersIfNotPresent | X-Key:s3cret | AddRequestHeadersIfNotPresent=***",
        "Unheard              | s3cret             | Unheard=***",
      },
      delimiter = '|')
  void values_that_may_be_secrets_are_hidden(String name, String values, String shown) {
    assertThat(RouteListing.text(brief(name, values.split(";")))).isEqualTo(shown);
  }

  @Test
  void named_arguments_keep_their_names() {
    Map<String, String> args = new LinkedHashMap<>();
    args.put("value", "s3cret");
    args.put("name", "X-Key");
    assertThat(RouteListing.text(new RoutePart("AddRequestHeader", args)))
        .isEqualTo("AddRequestHeader=value:***,name:X-Key");
  }

  @Test
  void the_name_of_an_argument_opens_it_in_its_own_filter_alone() {
    for (String part : List.of("Query", "Cookie", "Header", "AddRequestHeader", "RewritePath")) {
      assertThat(RouteListing.text(new RoutePart(part, Map.of("regexp", "s3cret"))))
          .isEqualTo(part + "=regexp:***");
    }
    assertThat(RouteListing.text(new RoutePart("Respond", Map.of("name", "s3cret"))))
        .isEqualTo("Respond=name:***");
  }

  @Test
  void a_part_without_arguments_is_its_name() {
    assertThat(RouteListing.text(brief("PreserveHostHeader"))).isEqualTo("PreserveHostHeader");
  }

  @Test
  void long_values_are_cut() {
    assertThat(RouteListing.text(brief("Path", "/" + "x".repeat(500))))
        .hasSize("Path=".length() + 200)
        .endsWith("x…");
  }

  @Test
  void default_filters_precede_those_of_the_route() {
    RouteListing listing = new RouteListing();
    listing.use(
        List.of(
            new RouteSpec(
                "r",
                "pool://shop",
                0,
                List.of(brief("Path", "/**")),
                List.of(brief("StripPrefix", "1")),
                Map.of())),
        List.of(brief("Deny", "403")));

    RouteListing.Shown shown = listing.of("r");

    assertThat(shown.pool()).isEqualTo("shop");
    assertThat(shown.predicates()).containsExactly("Path=/**");
    assertThat(shown.filters()).containsExactly("Deny=403", "StripPrefix=1");
    assertThat(listing.of("other")).isEqualTo(RouteListing.Shown.UNKNOWN);
  }
}
