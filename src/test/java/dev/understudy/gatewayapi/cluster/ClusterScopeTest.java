package dev.understudy.gatewayapi.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.testing.Rows;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where objects of each kind are watched. */
class ClusterScopeTest {
  private static List<String> names(@Nullable String text) {
    return text == null ? List.of() : List.of(text.split(" "));
  }

  /** Namespaces of all, of Secrets and of ConfigMaps; a kind, and where it is watched. */
  @Rows(
      """
      # without namespaces the whole cluster at once
      | | | SERVICE | *
      | | | SECRET | *
      # in those that are named
      a b | | | SERVICE | a b
      a b | | | SECRET | a b
      a b | | | GATEWAY_CLASS | *
      # Secrets and ConfigMaps where they may be read
      | c | d | SECRET | c
      | c | d | CONFIG_MAP | d
      | c | d | SERVICE | *
      a | c | | CONFIG_MAP | a
      """)
  void objects_are_watched_where_they_count(
      @Nullable String namespaces,
      @Nullable String secrets,
      @Nullable String configMaps,
      ObjectKind kind,
      String expected) {
    ClusterScope scope =
        new ClusterScope(names(namespaces), names(secrets), names(configMaps), false);
    assertThat(String.join(" ", scope.of(kind))).isEqualTo(expected.equals("*") ? "" : expected);
  }

  @Test
  void each_list_has_a_bound() {
    List<String> many = Collections.nCopies(33, "a");
    List<String> none = List.of();
    assertThatThrownBy(() -> new ClusterScope(many, none, none, false))
        .hasMessageContaining("at most 32");
    assertThatThrownBy(() -> new ClusterScope(none, many, none, false))
        .hasMessageContaining("at most 32");
    assertThatThrownBy(() -> new ClusterScope(none, none, many, false))
        .hasMessageContaining("at most 32");
  }
}
