package dev.understudy.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterNameTest {
  @ParameterizedTest(name = "{0} {1} {2} is {3}")
  @CsvSource(
      textBlock =
          """
          gw, shop, sense, gw.shop.sense
          gw, shop, a.b, gw.shop.a.b
          gw-svc, shop, 9pay, gw-svc.shop.9pay.x0e64f613bf07a52b923b7be8f2
          gw, shop, sense.1, gw.shop.sense.1.x14ed2591b93d5ca2e067cde011
          gw, shop, sense.1.x14ed2591b93d5ca2e067cde011, gw.shop.sense.1.x14ed2591b93d5ca2e067cde011.xf897105b4a8c52998d8bb37a10
          gw, shop, sense.1.x14ed2591b9, gw.shop.sense.1.x14ed2591b9
          """)
  void a_name_has_its_parts(String first, String namespace, String name, String expected) {
    assertThat(ClusterName.of(first, namespace, name)).isEqualTo(expected);
    assertThat(new PoolId(expected).value()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} characters")
  @ValueSource(ints = {10, 120, 130, 131, 140, 150, 151, 152, 153, 154, 250})
  void a_name_of_any_length_is_unique_and_a_host(int length) {
    String a = ClusterName.of("gw", "shop", "a".repeat(length) + "-b");
    String b = ClusterName.of("gw", "shop", "a".repeat(length) + "-c");

    assertThat(a).isNotEqualTo(b);
    assertThat(ClusterName.isValid(a)).isTrue();
    assertThat(URI.create(RouteSpec.POOL + a).getHost()).isEqualTo(a);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"a.b", "gw.", "gw.Shop.a", "gw..a", "gw.-a", "gwx.a", "gw.a/b", ""})
  void other_texts_with_dots_name_no_pool(String text) {
    assertThatThrownBy(() -> new PoolId(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
