package dev.understudy.agreement.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterKey;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who owns the Leases that are written: what is deleted with whom. */
class LeaseFormatTest {
  private static final RegisterKey POOL = RegisterKey.pool("sense");
  private static final RegisterDocument DOCUMENT =
      new RegisterDocument("master", 1, Instant.EPOCH, Instant.EPOCH, Map.of());
  private static final String OWNER =
      "[{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"name\":\"u-records\",\"uid\":\"%s\"}]";

  private final LeaseFormat format = new LeaseFormat(ApiScript.settings("http", 1, null, null));

  private static JsonNode json(String text) {
    return LeaseFormat.JSON.readTree(text);
  }

  private static String lease(String name, String uid) {
    return "{\"metadata\":{\"name\":\"%s\",\"uid\":\"%s\",\"resourceVersion\":\"7\"}}"
        .formatted(name, uid);
  }

  private void lists(String... leases) {
    format.listing(
        json(
            "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":["
                + String.join(",", leases)
                + "]}"));
  }

  private void assertOwner(RegisterKey key, String owners) {
    assertThat(json(format.creation(key, DOCUMENT)).at("/metadata/ownerReferences"))
        .hasToString(owners);
    JsonNode patch = json(format.replacement(key, DOCUMENT, 7));
    assertThat(patch.valueStream())
        .filteredOn(each -> each.path("path").asString().equals("/metadata/ownerReferences"))
        .extracting(each -> each.path("value").toString())
        .containsExactly(owners);
  }

  @Test
  void records_belong_to_the_lease_that_the_installation_brings_while_it_is_there() {
    assertOwner(POOL, "[]");
    lists(lease("u-pool-sense", "i"), lease("u-records", "one"));
    assertOwner(POOL, OWNER.formatted("one"));
    assertOwner(RegisterKey.voter("a"), "[]");
    assertThat(format.key(json(lease("u-records", "one")))).as("it is no record").isNull();
    format.gone("u-records");
    assertOwner(POOL, "[]");
    format.seen(json(lease("u-records", "two")));
    format.seen(json(lease("v-records", "another")));
    assertOwner(POOL, OWNER.formatted("two"));
    lists(lease("u-pool-sense", "i"));
    assertOwner(POOL, "[]");
  }
}
