package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.HopByHop.Nominated;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HopByHopTest {
  private final HttpHeaders headers =
      new DefaultHttpHeaders().set("x-hop", "1").set("x-stay", "2").set("host", "h");

  @ParameterizedTest
  @ValueSource(
      strings = {"close", "Keep-Alive", "keep-alive, Upgrade", "keep-alive,\tUpgrade,close"})
  void options_stay_as_they_are(String connection) {
    headers.set(HttpHeaderNames.CONNECTION, connection);
    assertThat(HopByHop.takeNominated(headers)).isEqualTo(Nominated.NONE);
    assertThat(headers.getAll(HttpHeaderNames.CONNECTION)).containsExactly(connection);
    assertThat(headers.contains("x-hop")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-hop                    |                     | x-hop",
        "keep-alive, x-hop,Upgrade| keep-alive, Upgrade | x-hop",
        "close ,, X-HOP,          | close               | X-HOP",
        "keep-alivex              |                     | keep-alivex",
        "host, close              | close               |",
      })
  void nominated_fields_are_removed_with_their_nomination(
      String connection, @Nullable String left, @Nullable String nominated) {
    headers.set(HttpHeaderNames.CONNECTION, connection);
    assertThat(HopByHop.takeNominated(headers).names())
        .isEqualTo(nominated == null ? List.of() : List.of(nominated));
    assertThat(headers.get(HttpHeaderNames.CONNECTION)).isEqualTo(left);
    assertThat(headers.contains("x-hop")).isEqualTo(!"x-hop".equalsIgnoreCase(nominated));
    assertThat(headers.contains("x-stay")).isTrue();
    assertThat(headers.get("host")).isEqualTo("h");
  }

  @Test
  void a_nomination_counts_in_each_of_several_fields() {
    headers.add(HttpHeaderNames.CONNECTION, "keep-alive, Upgrade");
    headers.add(HttpHeaderNames.CONNECTION, "x-hop");
    assertThat(HopByHop.takeNominated(headers).names()).containsExactly("x-hop");
    assertThat(headers.getAll(HttpHeaderNames.CONNECTION)).containsExactly("keep-alive, Upgrade");
    assertThat(headers.contains("x-hop")).isFalse();
  }

  @ParameterizedTest(name = "{0} nominations: {1} are kept, another trailer stays: {2}")
  @CsvSource({"100, 100, true", "101, 100, false", "8001, 100, false"})
  void of_many_nominations_all_are_removed_and_beyond_a_hundred_all_trailers(
      int number, int kept, boolean stays) {
    headers.set(HttpHeaderNames.CONNECTION, "a,".repeat(number - 1) + "x-hop");
    HttpHeaders trailers = new DefaultHttpHeaders().set("x-hop", "1").set("x-stay", "2");
    Nominated nominated = HopByHop.takeNominated(headers);
    nominated.removeFrom(trailers);
    assertThat(nominated.names()).hasSize(kept);
    assertThat(headers.contains("x-hop")).isFalse();
    assertThat(trailers.get("x-hop")).isNull();
    assertThat(trailers.contains("x-stay")).isEqualTo(stays);
  }
}
