package dev.understudy.agreement.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.kubernetes.KubernetesSettings.Given;
import dev.understudy.testing.EarlierRecords;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Leases of the last release hold what its values in etcd do, and are written alike. */
class EarlierLeasesTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static LeaseFormat format() {
    Given given = new Given("http://127.0.0.1:1", "earlier", null, null);
    return new LeaseFormat(
        KubernetesSettings.of(
            given, "understudy", "r1", null, variable -> null, Path.of("/nowhere")));
  }

  private static List<RegisterEntry> entries() {
    return format().listing(EarlierRecords.json("leases.json")).entries();
  }

  @Test
  void all_pools_and_the_replica_are_found() {
    Stream<RegisterKey> pools =
        Stream.concat(EarlierRecords.pools().stream(), Stream.of(EarlierRecords.UNDER_WAY))
            .map(RegisterKey::pool);
    assertThat(entries())
        .extracting(RegisterEntry::key)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(pools, Stream.of(RegisterKey.voter("r1"))).toList());
  }

  @Test
  void the_record_of_a_pool_has_the_attributes_that_it_has_in_etcd() {
    for (RegisterEntry entry : entries()) {
      JsonNode value = inEtcd(entry.key());
      assertThat(entry.document().holder()).isEqualTo(value.path("holder").asString());
      assertThat(entry.document().attributes().keySet())
          .as(entry.key().name())
          .containsExactlyInAnyOrderElementsOf(value.path("attributes").propertyNames());
    }
  }

  private static JsonNode inEtcd(RegisterKey key) {
    return EarlierRecords.json("etcd.json").properties().stream()
        .filter(each -> each.getKey().endsWith("/" + key.name()))
        .map(each -> JSON.readTree(each.getValue().asString()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_lease_is_created_as_the_release_created_it() {
    JsonNode leases = EarlierRecords.json("leases.json").path("items");
    var byName = leases.valueStream().collect(Collectors.toMap(LeaseFormat::name, each -> each));
    for (RegisterEntry entry : entries()) {
      JsonNode created = JSON.readTree(format().creation(entry.key(), entry.document()));
      JsonNode earlier = byName.get(LeaseFormat.name(created));
      assertThat(created.path("spec")).isEqualTo(earlier.path("spec"));
      for (String part : List.of("labels", "annotations")) {
        assertThat(created.path("metadata").path(part))
            .isEqualTo(earlier.path("metadata").path(part));
      }
    }
  }
}
