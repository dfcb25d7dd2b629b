package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dynamic file as it is shown to somebody who looks for a defect. */
class DynamicFileDocumentTest {
  private static JsonNode shown(String yaml) {
    return new JsonMapper().valueToTree(DynamicFileDocument.of(yaml, new SecretMask()));
  }

  @Test
  void file_is_shown_as_written() {
    JsonNode shown =
        shown(
            """
            pools:
              shop: # a comment
                servers: { a: { url: "http://a:80", role: master } }
                health: { interval: 2s, headers: { Host: a.test } }
                sticky: { cookie: UNDERSTUDY }
            routes:
              - { id: shop, uri: "pool://shop", predicates: ["Path=/**"], order: 1 }
            """);
    assertThat(shown)
        .hasToString(
            "{\"pools\":{\"shop\":{\"servers\":{\"a\":{\"url\":\"http://a:80\",\"role\":\"master\"}},"
                + "\"health\":{\"interval\":\"2s\",\"headers\":{\"Host\":\"a.test\"}},"
                + "\"sticky\":{\"cookie\":\"UNDERSTUDY\"}}},"
                + "\"routes\":[{\"id\":\"shop\",\"uri\":\"pool://shop\",\"predicates\":[\"Path=/**\"],"
                + "\"order\":\"1\"}]}");
  }

  @Test
  void no_secret_is_shown_nor_any_value_that_is_not_known_to_be_open() {
    JsonNode shown =
        shown(
            """
            pools:
              shop:
                servers: { a: { url: "http://a:80", max-requests: 5 }, b: { url: "${B_URL}" } }
                health: { path: "/x?hunter22", expect: { status: 200-399, body: hunter22 } }
                retry: { idempotency-key: true, methods: [GET] }
                hold: { body: 64KB }
                error-pages: { 503: a.html, 5xx: { json: b.json } }
              till:
                servers: { a: { url: "http://user:hunter22@a:80" } }
                health: { headers: { Authorization: "Basic aHVudGVyMjI=", X-Check: hunter22 } }
            default-filters: [StripPrefix=1, "SetPath=/hunter22", hunter22 =]
            routes:
              - id: a
                uri: http://me:hunter22@a
                predicates: ["Path=/a,/b", "Header=X-Key, hunter22"]
                filters:
                  - { name: RewritePath, args: { regexp: hunter22, replacement: hunter22 } }
                  - { name: AddRequestHeader, args: { value: { name: hunter22 }, name: X-A } }
                  - { name: StripPrefix, args: { parts: 2 } }
                  - SetRequestHeader=X-B, ${KEY}
                  - AddRequestHeader=X-Api-Key, hunter22
                  - { name: SetRequestHeader, args: { name: X-Auth-Token, value: hunter22 } }
                metadata: { note: hunter22, pin: 1234, password: hunter33 }
              - { id: "b hunter33" }
            unknown: hunter22
            """);
    assertThat(shown.toString())
        .doesNotContain("hunter22", "hunter33", "aHVudGVyMjI", "1234")
        .contains("X-Check", "X-Auth-Token", "\"id\":\"b ***\"");
    JsonNode shop = shown.path("pools").path("shop");
    assertThat(shop.path("servers"))
        .hasToString(
            "{\"a\":{\"url\":\"http://a:80\",\"max-requests\":\"5\"},\"b\":{\"url\":\"${B_URL}\"}}");
    assertThat(shop.path("health").path("expect").path("status").asString()).isEqualTo("200-399");
    assertThat(shop.path("retry"))
        .hasToString("{\"idempotency-key\":\"true\",\"methods\":[\"GET\"]}");
    assertThat(shop.path("hold").path("body").asString()).isEqualTo("64KB");
    assertThat(shop.path("error-pages"))
        .hasToString("{\"503\":\"a.html\",\"5xx\":{\"json\":\"b.json\"}}");
    assertThat(shown.path("default-filters"))
        .hasToString("[\"StripPrefix=1\",\"SetPath=***\",\"***\"]");
    JsonNode route = shown.path("routes").get(0);
    assertThat(route.path("predicates")).hasToString("[\"Path=/a,/b\",\"Header=X-Key,***\"]");
    assertThat(route.path("filters").get(1).path("args").path("name").asString()).isEqualTo("X-A");
    assertThat(route.path("filters").get(2).path("args").path("parts").asString()).isEqualTo("2");
    assertThat(route.path("filters").get(3).asString()).isEqualTo("SetRequestHeader=X-B,***");
  }

  @Test
  void file_that_is_no_yaml_is_not_quoted() {
    assertThat(shown("a: 1\ntoken: [hunter22\n").asString()).isEqualTo("line 3: it is not YAML");
    assertThat(DynamicFileDocument.of(Path.of("nope.yaml"), new SecretMask()))
        .isEqualTo("cannot be read: it does not exist");
    assertThat(shown("").isEmpty()).isTrue();
  }

  @Test
  void aliases_do_not_make_it_grow_without_bound_and_recursive_ones_end() {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i <= 9; i++) {
      yaml.append("a").append(i).append(": &a").append(i).append(" [");
      yaml.append(("*a" + (i - 1) + ", ").repeat(9)).append("*a").append(i - 1).append("]\n");
    }
    assertThat(shown(yaml.toString()).toString().length()).isLessThan(2_000_000);
    assertThat(shown("a: &a { b: *a, c: 1 }").toString().length()).isLessThan(10_000);
  }
}
